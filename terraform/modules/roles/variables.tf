# Inputs: who may assume what in this account.
variable "name" {
  description = "Beginning of the names of all roles and policies: PROJECT-ENVIRONMENT, or a shorter name where that is too long."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]{1,46}$", var.name))
    error_message = "name leaves no room in the 64 characters of a role: write 1 to 46 letters, digits and -."
  }
}

variable "tags" {
  description = "Tags of everything that is made."
  type        = map(string)
  default     = {}
}

variable "project" {
  description = "Name of the project, as in PROJECT-ENVIRONMENT (the cluster, where cluster_name does not say otherwise), PROJECT/SERVICE (images) and PROJECT/ENVIRONMENT/NAME (secrets)."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,39}$", var.project))
    error_message = "project is no name: write at most 40 lower-case letters, digits and -."
  }
}

variable "environment" {
  description = "Name of the environment, as in PROJECT-ENVIRONMENT (the cluster, where cluster_name does not say otherwise), /PROJECT/ENVIRONMENT/SERVICE (logs) and PROJECT/ENVIRONMENT/NAME (secrets)."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,39}$", var.environment))
    error_message = "environment is no name: write at most 40 lower-case letters, digits and -."
  }
}

variable "target" {
  description = "What runs the services, and so what a deployment needs to do: ecs, ec2 or kubernetes; null in an account that nothing is deployed to."
  type        = string
  default     = null

  validation {
    condition     = var.target == null || try(contains(["ecs", "ec2", "kubernetes"], var.target), false)
    error_message = "target is none of ecs, ec2 and kubernetes."
  }

  validation {
    condition     = var.target != null || var.control_plane == null && length(try(var.github.environments, [])) == 0 && alltrue([for role in values(var.human_roles) : role.level != "operate"])
    error_message = "target is missing although something deploys or operates here: control_plane, github.environments or a role of level operate."
  }
}

variable "cluster_name" {
  description = "Name of the cluster of Amazon ECS or Amazon EKS that services run in; null takes PROJECT-ENVIRONMENT."
  type        = string
  default     = null

  validation {
    condition     = var.cluster_name == null || can(regex("^[A-Za-z0-9_-]{1,255}$", var.cluster_name))
    error_message = "cluster_name cannot name a cluster: write at most 255 letters, digits, _ and -, no pattern."
  }
}

variable "load_balancer_name" {
  description = "Name of the environment's load balancer, whose rules a deployment edits; null takes PROJECT-ENVIRONMENT."
  type        = string
  default     = null

  validation {
    condition     = var.load_balancer_name == null || can(regex("^[A-Za-z0-9-]{1,32}$", var.load_balancer_name))
    error_message = "load_balancer_name cannot name a load balancer: write at most 32 letters, digits and -."
  }
}

variable "database_identifier" {
  description = "Identifier of the environment's database, which operators may restart: a cluster, its instances IDENTIFIER-1 to IDENTIFIER-9, or one instance. null takes PROJECT-ENVIRONMENT."
  type        = string
  default     = null

  validation {
    condition     = var.database_identifier == null || can(regex("^[a-z][a-z0-9-]{0,62}$", var.database_identifier))
    error_message = "database_identifier cannot name a database: write at most 63 lower-case letters, digits and -, a letter first, no pattern."
  }
}

variable "pass_role_arns" {
  description = "Roles that a deployment gives to what it starts: execution and task roles of ECS tasks, the roles of instances. null takes PROJECT-ENVIRONMENT-*-execution, -task and -instance of this account; name them where those names were too long and became others."
  type        = list(string)
  default     = null

  validation {
    condition     = var.pass_role_arns == null || try(alltrue([for arn in var.pass_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[^*]+$", arn))]), false)
    error_message = "pass_role_arns holds something that is not the ARN of one role: a pattern of your own would let a deployment take rights that are not its own."
  }
}

variable "resource_tags" {
  description = "Tags that everything of the environment carries: databases are told by them, and launch templates, which have no names in their ARNs (target ec2)."
  type        = map(string)
  default     = {}

  validation {
    condition     = try(var.target != "ec2", true) || length(var.resource_tags) > 0
    error_message = "resource_tags are empty: without them a deployment to instances would have a right to every launch template of the account."
  }
}

variable "secrets_kms_key_arns" {
  description = "Keys that the environment's secrets are encrypted with, for the control plane, which writes values and never reads them."
  type        = list(string)
  default     = []
}

variable "registry_account_id" {
  description = "Account whose registry holds the images; null takes this account."
  type        = string
  default     = null

  validation {
    condition     = var.registry_account_id == null || can(regex("^[0-9]{12}$", var.registry_account_id))
    error_message = "registry_account_id is not an account id: write 12 digits in quotes."
  }
}

variable "permissions_boundary_arn" {
  description = "Boundary of the roles of people; null makes one that keeps them from widening their own rights. Has to be known before anything is applied."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn is not the ARN of a policy."
  }
}

variable "human_roles" {
  description = <<-EOT
    Roles that people assume, by name: level is admin, operate or read. role_name is what the role is called in AWS where
    NAME-ROLE has more than 64 characters. trusted_principal_arns are roles or users of the
    account that identities live in, or its root ARN, which leaves the choice to that account; principal_arn_patterns
    narrow a root ARN down, such as to the roles of IAM Identity Center. mfa_required wants a second factor in the
    session that assumes (users have it, roles of Identity Center asked for it before and do not carry it).
    approval_required takes the role from everybody but the control plane (see the README).
  EOT
  type = map(object({
    level                  = string
    role_name              = optional(string)
    description            = optional(string, "")
    max_session_seconds    = optional(number, 3600)
    trusted_principal_arns = optional(list(string), [])
    principal_arn_patterns = optional(list(string), [])
    mfa_required           = optional(bool, true)
    approval_required      = optional(bool, false)
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.human_roles) : can(regex("^[a-z0-9][a-z0-9-]{0,39}$", name))])
    error_message = "A role has a name that cannot be one: write at most 40 lower-case letters, digits and -."
  }

  validation {
    condition     = alltrue([for name, role in var.human_roles : can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", role.role_name == null ? "${var.name}-${name}" : role.role_name))])
    error_message = "A role's name in AWS has more than 64 characters: give it a shorter role_name."
  }

  validation {
    condition     = length(setintersection(keys(var.human_roles), ["boundary", "build", "deploy", "plan", "sluice"])) == 0
    error_message = "boundary, build, deploy, plan and sluice are names of this module: call the role otherwise."
  }

  validation {
    condition     = alltrue([for role in values(var.human_roles) : contains(["admin", "operate", "read"], role.level)])
    error_message = "A role has a level that is none of admin, operate and read."
  }

  validation {
    condition     = alltrue([for role in values(var.human_roles) : role.max_session_seconds >= 900 && role.max_session_seconds <= 43200])
    error_message = "max_session_seconds is outside 900 to 43200, which AWS has."
  }

  validation {
    condition     = alltrue([for role in values(var.human_roles) : role.max_session_seconds <= 3600 if role.approval_required])
    error_message = "A role that needs an approval has max_session_seconds above 3600: the control plane hands it out from a session of its own, and AWS ends what follows from a session after an hour."
  }

  validation {
    condition     = alltrue([for role in values(var.human_roles) : role.approval_required ? length(role.trusted_principal_arns) + length(role.principal_arn_patterns) == 0 : length(role.trusted_principal_arns) > 0])
    error_message = "A role is trusted to nobody, or needs an approval and trusts others than the control plane, who would not ask for it: write trusted_principal_arns or approval_required, not both."
  }

  validation {
    condition     = alltrue([for role in values(var.human_roles) : !role.approval_required || var.control_plane != null])
    error_message = "A role needs an approval, but there is no control_plane that could see to it."
  }

  validation {
    condition     = alltrue(flatten([for role in values(var.human_roles) : [for arn in role.trusted_principal_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(root|(role|user)/[^*]+)$", arn))]]))
    error_message = "trusted_principal_arns holds something that is not the ARN of a role, a user or an account's root: AWS takes no patterns here, principal_arn_patterns does."
  }

  validation {
    condition     = alltrue(flatten([for role in values(var.human_roles) : [for pattern in role.principal_arn_patterns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/.+$", pattern))]]))
    error_message = "principal_arn_patterns holds something that is not the pattern of roles or users of one account."
  }
}

variable "control_plane" {
  description = "The roles that Sluice's server runs as, which assume NAME-sluice here, and the external id that they say; null makes no such role. The id is no secret: it keeps a server that serves several teams from being sent to the wrong account."
  type = object({
    principal_arns = list(string)
    external_id    = string
  })
  default = null

  validation {
    condition     = var.control_plane == null || try(length(var.control_plane.principal_arns) > 0 && alltrue([for arn in var.control_plane.principal_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[^*]+$", arn))]), false)
    error_message = "control_plane.principal_arns are none, or something else than ARNs of roles or users: a whole account is too many."
  }

  validation {
    condition     = var.control_plane == null || try(can(regex("^[A-Za-z0-9+=,.@:/_-]{2,}$", var.control_plane.external_id)) && length(var.control_plane.external_id) <= 1224, false)
    error_message = "control_plane.external_id is not what AWS takes: write 2 to 1224 letters, digits and +=,.@:/_-."
  }
}

variable "github" {
  description = <<-EOT
    What workflows of one GitHub repository (OWNER/NAME) may assume, without keys: NAME-deploy from jobs of the GitHub
    environments in environments, NAME-build (push of images) from the branches and tags in build_refs
    (refs/heads/main), NAME-plan (read only) from pull requests where plan is true. oidc_provider_arn is the account's
    provider where there is one already; an account has one at most, and without it this module makes it.
  EOT
  type = object({
    repository        = string
    environments      = optional(list(string), [])
    build_refs        = optional(list(string), [])
    plan              = optional(bool, false)
    oidc_provider_arn = optional(string)
  })
  default = null

  validation {
    condition     = var.github == null || can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$", try(var.github.repository, "")))
    error_message = "github.repository is not OWNER/NAME of one repository: a pattern would let others in."
  }

  validation {
    condition     = var.github == null || try(alltrue([for environment in var.github.environments : can(regex("^[A-Za-z0-9 ._-]{1,255}$", environment))]), false)
    error_message = "github.environments holds something that is no name of a GitHub environment: write letters, digits, spaces and . _ -, no pattern."
  }

  validation {
    condition     = var.github == null || try(alltrue([for ref in var.github.build_refs : can(regex("^refs/(heads|tags)/[^*?]+$", ref)) || can(regex("^refs/tags/[^*?]*\\*$", ref))]), false)
    error_message = "github.build_refs holds something that is no branch or tag: write refs/heads/main or refs/tags/v*; branches take no pattern."
  }

  validation {
    condition     = var.github == null || try(length(var.github.environments) + length(var.github.build_refs) > 0 || var.github.plan || var.github.oidc_provider_arn == null, false)
    error_message = "github lets nobody in and makes no provider: write environments, build_refs or plan."
  }

  validation {
    condition     = var.github == null || try(var.github.oidc_provider_arn, null) == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", try(var.github.oidc_provider_arn, "")))
    error_message = "github.oidc_provider_arn is not the provider of GitHub Actions: write arn:aws:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com."
  }
}

variable "state" {
  description = "Bucket and key of the Terraform state that NAME-plan reads; null lets it read none."
  type = object({
    bucket_arn  = string
    kms_key_arn = string
  })
  default = null
}
