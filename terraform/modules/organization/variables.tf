# Inputs: the unit tree, the accounts in it, and the policies that nobody in it can overrule.
variable "name" {
  description = "Beginning of the names of the policies."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]{1,40}$", var.name))
    error_message = "name cannot begin the name of a policy: write 1 to 40 letters, digits and -."
  }
}

variable "tags" {
  description = "Tags of units, accounts and policies."
  type        = map(string)
  default     = {}
}

variable "manage_organization" {
  description = "True makes the organization itself part of the state (new, or taken over by an import block); false only reads the one that exists and expects service control policies to be enabled in it."
  type        = bool
  default     = false
}

variable "enabled_policy_types" {
  description = "Kinds of policy that are enabled, where manage_organization is true. Name what an existing organization has enabled already, else it is switched off."
  type        = set(string)
  default     = ["SERVICE_CONTROL_POLICY"]

  validation {
    condition     = contains(var.enabled_policy_types, "SERVICE_CONTROL_POLICY")
    error_message = "enabled_policy_types lacks SERVICE_CONTROL_POLICY: without it no policy of this module holds."
  }

  validation {
    condition = alltrue([for type in var.enabled_policy_types : contains([
      "AISERVICES_OPT_OUT_POLICY", "BACKUP_POLICY", "CHATBOT_POLICY", "DECLARATIVE_POLICY_EC2",
      "RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY", "TAG_POLICY",
    ], type)])
    error_message = "enabled_policy_types holds a kind that AWS Organizations does not have."
  }
}

variable "units" {
  description = "Organizational units by name, each in its parent; in the root without one. A unit that changes its parent is made anew: move its accounts first."
  type = map(object({
    parent = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.units) : length(name) <= 128 && trimspace(name) == name && name != ""])
    error_message = "A unit has a name that AWS does not take: write 1 to 128 characters without spaces at the ends."
  }

  validation {
    condition     = alltrue([for unit in values(var.units) : unit.parent == null ? true : contains(keys(var.units), unit.parent)])
    error_message = "A unit stands in a parent that units does not have: add the parent, or leave it out for the root."
  }

  validation {
    # The parent of the parent of … of the parent: where there is a sixth level, or a circle, the fifth is not null.
    condition     = alltrue([for unit in values(var.units) : try(var.units[var.units[var.units[var.units[unit.parent].parent].parent].parent].parent == null, true)])
    error_message = "units go in a circle or are more than 5 deep, the most that AWS Organizations has below the root."
  }
}

variable "accounts" {
  description = <<-EOT
    Member accounts by name: unit is where the account stands (the root without one). An account with an id exists
    already and is taken over by an import block of the caller (see the README); one without an id is made, with email
    as the address of its root user. The management account is not among them.
  EOT
  type = map(object({
    id    = optional(string)
    email = optional(string)
    unit  = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.accounts) : can(regex("^[ -~]{1,50}$", name))])
    error_message = "An account has a name that AWS does not take: write 1 to 50 characters."
  }

  validation {
    condition     = alltrue([for account in values(var.accounts) : account.id == null ? true : can(regex("^[0-9]{12}$", account.id))])
    error_message = "accounts holds an id that is not one: write 12 digits in quotes."
  }

  validation {
    condition     = length(distinct([for account in values(var.accounts) : account.id if account.id != null])) == length([for account in values(var.accounts) : account.id if account.id != null])
    error_message = "Two accounts have the same id."
  }

  validation {
    condition = alltrue([
      for account in values(var.accounts) :
      account.email == null ? account.id != null : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", account.email)) && length(account.email) <= 64
    ])
    error_message = "An account that does not exist yet lacks its email, or an email is no address of at most 64 characters: write the address of its root user, or the id of an existing account."
  }

  validation {
    condition     = length(distinct([for account in values(var.accounts) : lower(account.email) if account.email != null])) == length([for account in values(var.accounts) : account.email if account.email != null])
    error_message = "Two accounts have the same email: AWS wants another for every account (name+account@example.com does)."
  }

  validation {
    condition     = alltrue([for account in values(var.accounts) : account.unit == null ? true : contains(keys(var.units), account.unit)])
    error_message = "An account stands in a unit that units does not have."
  }
}

variable "account_role_name" {
  description = "Role in a new account that the management account assumes; what an existing account has is left alone."
  type        = string
  default     = "OrganizationAccountAccessRole"

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.account_role_name))
    error_message = "account_role_name cannot name a role: write 1 to 64 letters, digits and +=,.@_-."
  }
}

variable "policies" {
  description = "Service control policies by name. content is their JSON, sent as it is: AWS counts every space of it."
  type = map(object({
    content     = string
    description = optional(string, "")
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.policies) : can(regex("^[A-Za-z0-9._-]{1,80}$", name))])
    error_message = "A policy has a name that cannot be one: write 1 to 80 letters, digits and . _ -."
  }

  validation {
    condition     = alltrue([for policy in values(var.policies) : can(jsondecode(policy.content).Statement)])
    error_message = "A policy is no JSON with a Statement."
  }

  validation {
    condition     = alltrue([for policy in values(var.policies) : length(policy.content) <= 5120])
    error_message = "A policy is longer than 5120 characters, the most that AWS takes: leave out spaces, or split it."
  }

  validation {
    condition     = alltrue([for policy in values(var.policies) : length(policy.description) <= 512])
    error_message = "A description is longer than 512 characters, the most that AWS takes."
  }
}

variable "root_policies" {
  description = "Policies, by name, that hold in the whole organization (the management account excepted, which no policy binds)."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for policy in var.root_policies : contains(keys(var.policies), policy)])
    error_message = "root_policies names a policy that policies does not have."
  }

  validation {
    condition     = length(distinct(var.root_policies)) <= 4 && length(distinct(var.root_policies)) == length(var.root_policies)
    error_message = "root_policies holds a policy twice or more than 4: AWS attaches 5 to a target, and FullAWSAccess is one of them. Pack several into one policy."
  }
}

variable "unit_policies" {
  description = "Policies, by name, that hold in a unit and everything below it, by unit."
  type        = map(list(string))
  default     = {}

  validation {
    condition     = alltrue([for unit in keys(var.unit_policies) : contains(keys(var.units), unit)])
    error_message = "unit_policies names a unit that units does not have."
  }

  validation {
    condition     = alltrue([for policy in flatten(values(var.unit_policies)) : contains(keys(var.policies), policy)])
    error_message = "unit_policies names a policy that policies does not have."
  }

  validation {
    condition     = alltrue([for policies in values(var.unit_policies) : length(distinct(policies)) <= 4 && length(distinct(policies)) == length(policies)])
    error_message = "A unit has a policy twice or more than 4: AWS attaches 5 to a target, and FullAWSAccess is one of them. Pack several into one policy."
  }
}

variable "account_policies" {
  description = "Policies, by name, that hold in one account, by account."
  type        = map(list(string))
  default     = {}

  validation {
    condition     = alltrue([for account in keys(var.account_policies) : contains(keys(var.accounts), account)])
    error_message = "account_policies names an account that accounts does not have."
  }

  validation {
    condition     = alltrue([for policy in flatten(values(var.account_policies)) : contains(keys(var.policies), policy)])
    error_message = "account_policies names a policy that policies does not have."
  }

  validation {
    condition     = alltrue([for policies in values(var.account_policies) : length(distinct(policies)) <= 4 && length(distinct(policies)) == length(policies)])
    error_message = "An account has a policy twice or more than 4: AWS attaches 5 to a target, and FullAWSAccess is one of them. Pack several into one policy."
  }
}
