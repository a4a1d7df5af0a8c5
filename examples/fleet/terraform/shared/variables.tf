# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# Inputs of what all environments share. terraform.tfvars holds what the blueprint says; values of your own belong in a file
# such as own.auto.tfvars.
variable "project" {
  description = "Name of the project."
  type        = string
}

variable "name" {
  description = "What the names of roles begin with."
  type        = string
}

variable "account_id" {
  description = "The only account that this may be applied to."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be 12 digits in quotes."
  }
}

variable "region" {
  description = "Region of everything that has one."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be an AWS region, such as ap-northeast-1."
  }
}

variable "state_bucket" {
  description = "Name of the bucket that Terraform's states lie in, unique in the world."
  type        = string
}

variable "services" {
  description = "Services whose images are kept here."
  type        = list(string)
}

variable "pull_account_ids" {
  description = "Accounts of the environments, which pull images."
  type        = list(string)
}

variable "control_plane" {
  description = "Name of the role that Sluice's server runs as, and the roles that it may assume in the environments."
  type = object({
    role_name = string
    assumes   = list(object({ account_id = string, role_name = string }))
  })
}

variable "github" {
  description = "The repository whose workflows build and push images, and the branches from which they do; null without one. makes_provider is true in one folder of an account, which has one provider at most."
  type = object({
    repository     = string
    build_refs     = list(string)
    makes_provider = bool
  })
}

# Beside the blueprint

variable "tags" {
  description = "Tags of everything, beside Project, Environment and ManagedBy."
  type        = map(string)
  default     = {}
}

variable "assume_role_arn" {
  description = "Role that Terraform works as; the identity of the shell without it."
  type        = string
  default     = null
}
