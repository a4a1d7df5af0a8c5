# Inputs: whose images are kept, for how long, and who may pull and push them.
variable "name" {
  description = "Name of the project; the repository of a service is called NAME/SERVICE."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]+([._-][a-z0-9]+)*$", var.name)) && length(var.name) <= 100
    error_message = "name is no part of a repository name: write at most 100 lower-case letters and digits, separated by single - _ or . (such as shop)."
  }
}

variable "tags" {
  description = "Tags of everything that is made."
  type        = map(string)
  default     = {}
}

variable "services" {
  description = "Names of the services that have a repository."
  type        = set(string)

  validation {
    condition     = alltrue([for service in var.services : can(regex("^[a-z0-9]+([._-][a-z0-9]+)*$", service)) && length(service) <= 100])
    error_message = "A service has a name that no repository can have: write at most 100 lower-case letters and digits, separated by single - _ or . (such as web)."
  }
}

variable "encryption" {
  description = "How images are encrypted at rest: KMS or AES256. A repository keeps what it was made with; a change replaces it."
  type        = string
  default     = "KMS"

  validation {
    condition     = contains(["KMS", "AES256"], var.encryption)
    error_message = "encryption is neither KMS nor AES256."
  }
}

variable "kms_key_arn" {
  description = "Key for encryption KMS; null takes the key that AWS manages for ECR, which other accounts can pull with as well."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn is not the ARN of a KMS key: write arn:aws:kms:REGION:ACCOUNT:key/ID, or null for the key that AWS manages."
  }

  validation {
    condition     = var.kms_key_arn == null || var.encryption == "KMS"
    error_message = "kms_key_arn is given but encryption is AES256: set encryption to KMS or leave the key out."
  }
}

variable "untagged_days" {
  description = "Days after which an image without a tag is removed."
  type        = number
  default     = 7

  validation {
    condition     = var.untagged_days >= 1 && floor(var.untagged_days) == var.untagged_days
    error_message = "untagged_days is not a whole number of at least 1."
  }
}

variable "keep_images" {
  description = "How many of the newest images a repository keeps. An image that runs is no exception: keep more than are built between two releases to the last environment."
  type        = number
  default     = 200

  validation {
    condition     = var.keep_images >= 10 && var.keep_images <= 20000 && floor(var.keep_images) == var.keep_images
    error_message = "keep_images is not a whole number from 10 to 20000: fewer than 10 leave nothing to roll back to."
  }
}

variable "protected_tag_prefixes" {
  description = "Images with a tag that begins so are not counted with the others; the newest 10,000 of them stay."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for prefix in var.protected_tag_prefixes : can(regex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$", prefix))])
    error_message = "A protected tag prefix cannot begin a tag: write letters, digits, _ . and - (such as release-)."
  }
}

variable "pull_account_ids" {
  description = "Other accounts whose identities may pull, as far as their own policies let them: those of the environments."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.pull_account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "pull_account_ids holds something that is not an account id: write 12 digits in quotes."
  }
}

variable "pull_principal_arns" {
  description = "Single roles or users that may pull, in this or another account."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.pull_principal_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[^*]+$", arn))])
    error_message = "pull_principal_arns holds something that is not the ARN of a role or user; whole accounts go into pull_account_ids."
  }
}

variable "push_principal_arns" {
  description = "The only roles that may push, usually the one role that CI builds with. Everybody else is denied, whatever this account allows them; empty leaves pushing to the account's own policies."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.push_principal_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[^*]+$", arn))])
    error_message = "push_principal_arns holds something that is not the ARN of one role: write arn:aws:iam::ACCOUNT:role/NAME."
  }
}
