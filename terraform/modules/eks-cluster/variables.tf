# Inputs: one EKS cluster, what it runs pods on, and who may do what in it.
variable "name" {
  description = "Name of the cluster, such as shop-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,99}$", var.name))
    error_message = "name must be 1 to 100 lower-case letters, digits and hyphens and begin with a letter or a digit (a rule of Amazon EKS)."
  }
}

variable "role_prefix" {
  description = "Beginning of the names of all roles; the cluster's name without it."
  type        = string
  default     = null

  validation {
    condition     = length(coalesce(var.role_prefix, var.name)) <= 46
    error_message = "role_prefix (or name, without it) must have at most 46 characters, so that the names of roles made of it have at most 64: give a shorter role_prefix."
  }
}

variable "tags" {
  description = "Tags of everything in the module, nodes and volumes included."
  type        = map(string)
  default     = {}
}

variable "kubernetes_version" {
  description = "Kubernetes version, such as 1.34. Null takes the newest at the creation of the cluster and stays there."
  type        = string
  default     = null

  validation {
    condition     = var.kubernetes_version == null ? true : can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "kubernetes_version must be a minor version in quotes, such as \"1.34\"."
  }
}

variable "support_type" {
  description = "STANDARD upgrades the cluster by itself when its version is 14 months old; EXTENDED keeps it up to 26 months at six times the price."
  type        = string
  default     = "STANDARD"

  validation {
    condition     = contains(["STANDARD", "EXTENDED"], var.support_type)
    error_message = "support_type must be STANDARD or EXTENDED."
  }
}

variable "subnet_ids" {
  description = "Private subnets of control plane interfaces, nodes and Fargate pods, in at least two zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name private subnets in at least two zones (a rule of Amazon EKS)."
  }
}

variable "security_group_ids" {
  description = "Further security groups of the control plane's interfaces; Amazon EKS makes one that lets cluster and nodes talk."
  type        = list(string)
  default     = []
}

variable "endpoint_public_access_cidrs" {
  description = "Addresses that reach the API of the cluster from the internet; [] leaves it to the network. It is reached from the network always."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.endpoint_public_access_cidrs : can(cidrnetmask(cidr))])
    error_message = "endpoint_public_access_cidrs must be IPv4 ranges, such as 203.0.113.0/24."
  }

  validation {
    condition     = alltrue([for cidr in var.endpoint_public_access_cidrs : !endswith(cidr, "/0")])
    error_message = "endpoint_public_access_cidrs must not open the API to the whole internet: name the ranges of your offices or runners."
  }
}

variable "service_ipv4_cidr" {
  description = "Addresses of Kubernetes Services (/24 to /12, private, apart from the network's); Amazon EKS chooses without it. It cannot be changed later."
  type        = string
  default     = null

  validation {
    condition     = var.service_ipv4_cidr == null ? true : can(regex("^(10|172\\.(1[6-9]|2[0-9]|3[01])|192\\.168)\\.[0-9.]+/(1[2-9]|2[0-4])$", var.service_ipv4_cidr)) && can(cidrnetmask(var.service_ipv4_cidr))
    error_message = "service_ipv4_cidr must be a private range from /24 to /12, such as 172.20.0.0/16."
  }
}

variable "control_plane_log_types" {
  description = "What the control plane logs."
  type        = set(string)
  default     = ["api", "audit", "authenticator", "controllerManager", "scheduler"]

  validation {
    condition     = alltrue([for type in var.control_plane_log_types : contains(["api", "audit", "authenticator", "controllerManager", "scheduler"], type)])
    error_message = "control_plane_log_types must be of api, audit, authenticator, controllerManager and scheduler."
  }
}

variable "log_retention_days" {
  description = "How long the logs of the control plane are kept."
  type        = number
  default     = 90

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a number of days that CloudWatch has, such as 7, 30, 90 or 365."
  }
}

variable "access_entries" {
  description = "Who may do what in the cluster, by name: a role, groups that RBAC binds, and access policies of Amazon EKS by their name, for the cluster or for namespaces."
  type = map(object({
    principal_arn     = string
    kubernetes_groups = optional(list(string), [])
    policies = optional(map(object({
      namespaces = optional(list(string), [])
    })), {})
  }))
  default = {}

  validation {
    condition     = alltrue(flatten([for entry in values(var.access_entries) : [for policy in keys(entry.policies) : can(regex("^AmazonEKS[A-Za-z]*Policy$", policy))]]))
    error_message = "The policies of an access entry must be names of EKS access policies: AmazonEKSViewPolicy, AmazonEKSEditPolicy, AmazonEKSAdminPolicy, AmazonEKSAdminViewPolicy or AmazonEKSClusterAdminPolicy."
  }

  validation {
    condition     = alltrue(flatten([for entry in values(var.access_entries) : [for group in entry.kubernetes_groups : !startswith(group, "system:") && !startswith(group, "eks:") && !startswith(group, "aws:") && !startswith(group, "amazon:") && !startswith(group, "iam:")]]))
    error_message = "kubernetes_groups must not begin with system:, eks:, aws:, amazon: or iam: (a rule of Amazon EKS); use policies, or groups of your own."
  }
}

variable "node_groups" {
  description = "Managed node groups by name; desired is the number to begin with (min without it) and belongs to the autoscaler afterwards."
  type = map(object({
    instance_types  = list(string)
    min             = number
    max             = number
    desired         = optional(number)
    spot            = optional(bool, false)
    labels          = optional(map(string), {})
    ami_type        = optional(string, "AL2023_x86_64_STANDARD")
    root_volume_gib = optional(number, 50)
    taints = optional(map(object({
      value  = optional(string, "")
      effect = string
    })), {})
  }))
  default = {}

  validation {
    condition     = alltrue([for group in values(var.node_groups) : group.min >= 0 && group.min <= coalesce(group.desired, group.min) && coalesce(group.desired, group.min) <= group.max && group.max >= 1])
    error_message = "Each node group must have 0 <= min <= desired <= max and max >= 1."
  }

  validation {
    condition     = alltrue([for group in values(var.node_groups) : length(group.instance_types) > 0 && alltrue([for type in group.instance_types : can(regex("^[a-z][a-z0-9-]*\\.(nano|micro|small|medium|large|[0-9]*xlarge|metal(-[0-9]+xl)?)$", type))])])
    error_message = "instance_types must name at least one FAMILY.SIZE as Amazon EC2 writes it, such as m5.large."
  }

  validation {
    condition     = alltrue([for group in values(var.node_groups) : contains(["AL2023_x86_64_STANDARD", "AL2023_ARM_64_STANDARD", "BOTTLEROCKET_x86_64", "BOTTLEROCKET_ARM_64"], group.ami_type)])
    error_message = "ami_type must be AL2023_x86_64_STANDARD, AL2023_ARM_64_STANDARD, BOTTLEROCKET_x86_64 or BOTTLEROCKET_ARM_64."
  }

  validation {
    condition     = alltrue([for group in values(var.node_groups) : group.root_volume_gib >= 20])
    error_message = "root_volume_gib must be at least 20: images are unpacked there."
  }

  validation {
    condition     = alltrue(flatten([for group in values(var.node_groups) : [for taint in values(group.taints) : contains(["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"], taint.effect)]]))
    error_message = "The effect of a taint must be NO_SCHEDULE, NO_EXECUTE or PREFER_NO_SCHEDULE."
  }

  validation {
    condition     = alltrue([for name in keys(var.node_groups) : can(regex("^[a-z0-9][a-z0-9-]{0,57}$", name))])
    error_message = "The name of a node group must be 1 to 58 lower-case letters, digits and hyphens."
  }
}

variable "fargate_profiles" {
  description = "Fargate profiles by name: pods of these namespaces (with all of these labels) run on Fargate, which has no Spot, no daemon sets and no privileged pods."
  type = map(object({
    selectors = list(object({
      namespace = string
      labels    = optional(map(string), {})
    }))
  }))
  default = {}

  validation {
    condition     = alltrue([for profile in values(var.fargate_profiles) : length(profile.selectors) >= 1 && length(profile.selectors) <= 5])
    error_message = "A Fargate profile must have one to five selectors (a limit of Amazon EKS)."
  }
}

variable "addons" {
  description = "Add-ons of Amazon EKS by name, beside vpc-cni, kube-proxy, coredns, metrics-server and eks-pod-identity-agent, or another version or configuration (JSON) of one of those. Without a version, the default one for the cluster's version."
  type = map(object({
    version       = optional(string)
    configuration = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for addon in values(var.addons) : addon.configuration == null ? true : can(jsondecode(addon.configuration))])
    error_message = "The configuration of an add-on must be JSON."
  }
}

variable "service_accounts" {
  description = "Service accounts that assume a role of their own (IRSA), by service, and the secrets that each may read. role_name is PREFIX-SERVICE (see role_prefix) unless given."
  type = map(object({
    namespace       = string
    service_account = string
    secret_arns     = optional(list(string), [])
    kms_key_arns    = optional(list(string), [])
    role_name       = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for service, account in var.service_accounts : length(coalesce(account.role_name, "${coalesce(var.role_prefix, var.name)}-${service}")) <= 64])
    error_message = "PREFIX-SERVICE is longer than the 64 characters that the name of an IAM role may have: give role_name."
  }

  validation {
    condition     = alltrue([for account in values(var.service_accounts) : can(regex("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", account.namespace)) && can(regex("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", account.service_account))])
    error_message = "namespace and service_account must be names of Kubernetes, without wildcards."
  }
}

variable "load_balancer_controller_enabled" {
  description = "Makes the role of the AWS Load Balancer Controller; the controller itself is installed by its Helm chart."
  type        = bool
  default     = true
}

variable "load_balancer_controller" {
  description = "Namespace and service account of the AWS Load Balancer Controller."
  type = object({
    namespace       = optional(string, "kube-system")
    service_account = optional(string, "aws-load-balancer-controller")
  })
  default = {}
}
