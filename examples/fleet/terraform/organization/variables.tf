# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# Inputs of the organization. terraform.tfvars holds what the blueprint says; values of your own belong in a file such as
# own.auto.tfvars.
variable "project" {
  description = "Name of the project."
  type        = string
}

variable "name" {
  description = "What the names of policies begin with."
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

variable "units" {
  description = "Organizational units by name, each in its parent; in the root without one."
  type        = map(object({ parent = string }))
}

variable "accounts" {
  description = "Member accounts by name, with the unit that each stands in (the root without one). They exist already and are taken over."
  type = map(object({
    id    = string
    email = string
    unit  = string
  }))
}

variable "policies" {
  description = "Names of the service control policies, each a file in policies/."
  type        = list(string)
}

variable "unit_policies" {
  description = "Policies, by name, that hold in a unit and everything below it, by unit."
  type        = map(list(string))
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

variable "manage_organization" {
  description = "True makes the organization itself part of the state; false reads the one that exists, in which service control policies have to be enabled."
  type        = bool
  default     = false
}
