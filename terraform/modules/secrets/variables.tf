# Inputs: names of secrets and who may read them; never a value.
variable "name" {
  description = "Name of the key's alias (alias/NAME-secrets), such as shop-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,99}$", var.name))
    error_message = "name must be 1 to 100 lower-case letters, digits and hyphens and begin with a letter or a digit."
  }
}

variable "tags" {
  description = "Tags of everything in the module."
  type        = map(string)
  default     = {}
}

variable "path" {
  description = "Beginning of the name of each secret, such as shop/prod: a secret is called PATH/NAME."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$", var.path))
    error_message = "path must be names joined by /, without a / at either end, such as shop/prod."
  }
}

variable "secrets" {
  description = "Secrets by name. rotation_days asks for rotation by the Lambda function of rotation_lambda_arn (that of the module where the secret names none)."
  type = map(object({
    description         = optional(string, "")
    rotation_days       = optional(number)
    rotation_lambda_arn = optional(string)
  }))

  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex("^[A-Za-z0-9_.][A-Za-z0-9_.-]*$", name))])
    error_message = "The name of a secret must be letters, digits and _ . -, such as DATABASE_URL."
  }

  validation {
    condition     = alltrue([for name in keys(var.secrets) : length("${var.path}/${name}") <= 512])
    error_message = "PATH/NAME must have at most 512 characters (a limit of Secrets Manager)."
  }

  validation {
    condition     = alltrue([for secret in values(var.secrets) : secret.rotation_days == null ? true : secret.rotation_days >= 1 && secret.rotation_days <= 1000 && floor(secret.rotation_days) == secret.rotation_days])
    error_message = "rotation_days must be a whole number from 1 to 1000."
  }

  validation {
    condition     = alltrue([for secret in values(var.secrets) : secret.rotation_days == null || secret.rotation_lambda_arn != null || var.rotation_lambda_arn != null])
    error_message = "A secret with rotation_days needs a Lambda function that rotates it: give rotation_lambda_arn of the secret or of the module, or leave rotation_days out."
  }
}

variable "rotation_lambda_arn" {
  description = "Lambda function that rotates the secrets that ask for rotation and name no function of their own; it must let secretsmanager.amazonaws.com invoke it."
  type        = string
  default     = null

  validation {
    condition     = var.rotation_lambda_arn == null ? true : can(regex("^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:", var.rotation_lambda_arn))
    error_message = "rotation_lambda_arn must be the ARN of a Lambda function (arn:aws:lambda:REGION:ACCOUNT:function:NAME)."
  }
}

variable "readers" {
  description = "Which roles may read which secrets, by service: names of secrets (without path) and the ARNs of the roles that fetch them at start."
  type = map(object({
    secrets   = list(string)
    role_arns = list(string)
  }))
  default = {}

  validation {
    condition     = alltrue(flatten([for reader in values(var.readers) : [for name in reader.secrets : contains(keys(var.secrets), name)]]))
    error_message = "readers names a secret that secrets does not have: correct the name or add the secret."
  }

  validation {
    condition     = alltrue([for reader in values(var.readers) : length(reader.role_arns) > 0])
    error_message = "Each of readers must name at least one role."
  }
}

variable "deny_others" {
  description = "Denies reading a secret that has readers to everybody else in the account, administrators included, unless always_allowed_role_arns names them."
  type        = bool
  default     = true
}

variable "always_allowed_role_arns" {
  description = "Roles that may read every secret in spite of deny_others: those of rotation functions, and of people in an emergency."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.always_allowed_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", arn))])
    error_message = "always_allowed_role_arns must be ARNs of IAM roles (arn:aws:iam::ACCOUNT:role/NAME)."
  }
}

variable "recovery_window_days" {
  description = "Days in which a deleted secret can be brought back; 0 deletes at once."
  type        = number
  default     = 30

  validation {
    condition     = var.recovery_window_days == 0 || (var.recovery_window_days >= 7 && var.recovery_window_days <= 30)
    error_message = "recovery_window_days must be from 7 to 30, or 0 to delete at once."
  }
}

variable "replica_region" {
  description = "Another region that holds a copy of every secret; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.replica_region == null ? true : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.replica_region))
    error_message = "replica_region must be a region, such as ap-southeast-1."
  }
}

variable "replica_kms_key_arn" {
  description = "KMS key of the copies, in their region; the account's key for Secrets Manager there without it."
  type        = string
  default     = null
}
