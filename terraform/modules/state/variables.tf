# Inputs: the bucket's name, its key, and how long old states are kept.
variable "name" {
  description = "Name of the bucket, unique in the world: such as shop-prod-state-111122223333."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name cannot name a bucket: write 3 to 63 lower-case letters, digits and -, without dots, which break TLS."
  }
}

variable "tags" {
  description = "Tags of everything that is made."
  type        = map(string)
  default     = {}
}

variable "create_kms_key" {
  description = "True makes a key for it; false takes kms_key_arn."
  type        = bool
  default     = true
}

variable "kms_key_arn" {
  description = "Key that states are encrypted with, where create_kms_key is false."
  type        = string
  default     = null

  validation {
    condition     = var.create_kms_key ? var.kms_key_arn == null : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn is given although create_kms_key is true, or is not the ARN of a key although it is false: write create_kms_key = false and arn:aws:kms:REGION:ACCOUNT:key/ID, or neither."
  }
}

variable "old_version_days" {
  description = "Days after which a state that was replaced is removed."
  type        = number
  default     = 90

  validation {
    condition     = var.old_version_days >= 7 && floor(var.old_version_days) == var.old_version_days
    error_message = "old_version_days is not a whole number of at least 7: a broken state is often noticed days later."
  }
}

variable "keep_old_versions" {
  description = "So many replaced states are kept however old they are."
  type        = number
  default     = 10

  validation {
    condition     = var.keep_old_versions >= 1 && var.keep_old_versions <= 100 && floor(var.keep_old_versions) == var.keep_old_versions
    error_message = "keep_old_versions is not a whole number from 1 to 100, which S3 takes."
  }
}

variable "access_log" {
  description = "Bucket and prefix that S3 writes every access to; null writes none."
  type = object({
    bucket = string
    prefix = optional(string, "state/")
  })
  default = null

  validation {
    condition     = var.access_log == null || try(var.access_log.bucket, "") != var.name
    error_message = "access_log.bucket is the bucket itself: every line of the log would cause another one."
  }
}
