# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# Inputs of the foundation of one environment. terraform.tfvars holds what the blueprint says; values of your own belong in
# a file such as own.auto.tfvars.
variable "project" {
  description = "Name of the project."
  type        = string
}

variable "environment" {
  description = "Name of the environment."
  type        = string
}

variable "name" {
  description = "What the names of roles begin with: PROJECT-ENVIRONMENT, shortened where it has to be."
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

variable "target" {
  description = "What runs the services: ecs, ec2 or kubernetes."
  type        = string
}

variable "cluster_name" {
  description = "Name of the cluster that services run in; null without one, or with one that was there before and is called PROJECT-ENVIRONMENT."
  type        = string
}

variable "load_balancer_name" {
  description = "Name of the environment's load balancer, whose rules a deployment edits."
  type        = string
}

variable "database_identifier" {
  description = "What Amazon RDS calls the environment's database, whether it has one yet or not."
  type        = string
}

variable "pass_role_names" {
  description = "Roles that a deployment gives to what it starts; no others may be passed."
  type        = list(string)
}

variable "registry_account_id" {
  description = "Account whose registry holds the images."
  type        = string
}

variable "people" {
  description = "Roles of people, by name. A role that needs an approval trusts Sluice's server alone, which hands it out."
  type = map(object({
    role_name           = string
    level               = string
    description         = string
    max_session_seconds = number
    approval_required   = bool
  }))
}

variable "identities_account_id" {
  description = "Account that people's identities live in; it decides who of them may assume a role here."
  type        = string
}

variable "control_plane" {
  description = "The role that Sluice's server runs as, and the external id that it says; null without a server."
  type = object({
    account_id  = string
    role_name   = string
    external_id = string
  })
}

variable "github" {
  description = "The repository whose pull requests plan changes of this environment; null without one. makes_provider is true in one folder of an account, which has one provider at most."
  type = object({
    repository     = string
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

variable "mfa_required" {
  description = "Asks for a second factor in the session that assumes a role of people. False for identities of IAM Identity Center, which asks for it before and does not say so."
  type        = bool
  default     = true
}

variable "principal_arn_patterns" {
  description = "Narrows down who of the identities' account may assume the roles of people, such as arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*; the account's own policies decide without it."
  type        = list(string)
  default     = []
}
