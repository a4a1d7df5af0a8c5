# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# Inputs of one environment. terraform.tfvars holds what the blueprint says; variables with a default, from the heading
# "Beside the blueprint" on, are for values of your own, in a file such as own.auto.tfvars.
variable "project" {
  description = "Name of the project."
  type        = string
}

variable "environment" {
  description = "Name of the environment."
  type        = string
}

variable "name" {
  description = "What everything of the environment is called or begins with: PROJECT-ENVIRONMENT, shortened where it has to be."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,45}$", var.name))
    error_message = "name must be 1 to 46 lower-case letters, digits and hyphens."
  }
}

variable "account_id" {
  description = "The only account that this may be applied to; null lets any."
  type        = string

  validation {
    condition     = var.account_id == null ? true : can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be 12 digits in quotes."
  }
}

variable "region" {
  description = "Region of everything that is no copy."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be an AWS region, such as ap-northeast-1."
  }
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
}

variable "registry" {
  description = "Account and region whose registry holds the images of the project's own services; null where it is not known."
  type = object({
    account_id = string
    region     = string
  })
}

variable "server_role_name" {
  description = "Role that Sluice's server assumes in this account; null without one."
  type        = string
}

variable "network" {
  description = "The environment's own network; null without one."
  type = object({
    vpc_cidr            = string
    zone_count          = number
    nat                 = string
    flow_logs           = bool
    interface_endpoints = list(string)
    service_egress      = map(object({ cidr = string, ports = list(number) }))
  })

  validation {
    condition     = var.network != null || var.existing_network != null || (var.ecs_cluster == null && var.ec2 == null && var.eks_cluster == null && var.load_balancer == null && var.database == null)
    error_message = "Services, a cluster or a database need a network: give network, or existing_network."
  }
}

variable "zone" {
  description = "Hosted zone, in this account, that names and the proof of certificates are written to; null writes none."
  type        = string
}

variable "load_balancer" {
  description = "The load balancer in front of the services; null where none is reached from outside, and in a cluster, whose controller makes it. listener_arn shares an existing one."
  type = object({
    name                = string
    internal            = bool
    deletion_protection = bool
    test_port           = number
    listener_arn        = string
    certificate_arn     = string
    host                = string
    other_hosts         = list(string)
    allow_plain_http    = bool
  })

  validation {
    condition     = try(var.load_balancer.listener_arn, null) == null || var.existing_network != null
    error_message = "load_balancer.listener_arn shares a load balancer, and its targets have to stand in its network: name that network in existing_network (in own.auto.tfvars)."
  }
}

variable "ecs_cluster" {
  description = "The cluster, where Amazon ECS runs the services; null otherwise."
  type = object({
    name                = string
    capacity            = string
    container_insights  = string
    spot_percent        = number
    spot_base_on_demand = number
    instances = object({
      instance_type = string
      min           = number
      max           = number
      role_name     = string
    })
  })

  validation {
    condition     = length([for part in [var.ecs_cluster, var.ec2, var.eks_cluster] : part if part != null]) <= 1
    error_message = "One thing runs the services: give one of ecs_cluster, ec2 and eks_cluster, and null for the others."
  }
}

variable "ec2" {
  description = "The instances, where auto scaling groups run the services; null otherwise."
  type = object({
    instance_type  = string
    ami            = string
    warmup_seconds = number
  })
}

variable "eks_cluster" {
  description = "The cluster, where Kubernetes runs the services and the blueprint says what it is made of; null otherwise. access says who enters it: roles of this account, with the groups that RBAC knows them by and access policies of Amazon EKS, which hold for the whole cluster."
  type = object({
    name               = string
    version            = string
    namespace          = string
    certificate_host   = string
    fargate_namespaces = list(string)
    node_groups = map(object({
      instance_types = list(string)
      min            = number
      max            = number
      desired        = number
      spot           = bool
      labels         = map(string)
    }))
    access = map(object({
      role_name = string
      groups    = list(string)
      policies  = list(string)
    }))
  })
}

variable "services" {
  description = <<-EOT
    Services by name. image is what the first task definition or launch template says, and nothing runs from it: the
    pipeline writes the next ones. secrets and secret_files are names of secrets by variable and by path. schedule is
    cron(…) of six fields on Amazon ECS, five fields on instances. balancing is null for a service that only other
    services reach.
  EOT
  type = map(object({
    image         = string
    repository    = string
    command       = list(string)
    port          = number
    cpu           = number
    memory        = number
    replicas      = number
    spot          = bool
    start_seconds = number
    stop_seconds  = number
    environment   = map(string)
    files         = map(string)
    secrets       = map(string)
    secret_files  = map(string)
    tags          = map(string)
    names = object({
      full           = string
      family         = string
      log_group      = string
      execution_role = string
      task_role      = string
      instance_role  = string
    })
    scaling = object({
      min                       = number
      max                       = number
      cpu_percent               = number
      memory_percent            = number
      requests_per_target       = number
      scale_in_cooldown_seconds = number
      schedules = map(object({
        schedule = string
        timezone = string
        min      = number
        max      = number
      }))
    })
    balancing = object({
      target_group_names   = object({ blue = string, green = string })
      sticky_color_seconds = number
      health_check = object({
        path                = string
        interval_seconds    = number
        timeout_seconds     = number
        unhealthy_threshold = number
      })
      rules = map(object({
        priority = number
        hosts    = list(string)
        paths    = list(string)
      }))
      test_priorities = object({ blue = number, green = number })
    })
    alarms = object({
      error_rate_percent   = number
      minimum_requests     = number
      response_p95_seconds = number
    })
  }))

  validation {
    condition     = alltrue(flatten([for service in values(var.services) : [for name in concat(values(service.secrets), values(service.secret_files)) : contains(keys(var.secrets), name)]]))
    error_message = "A service names a secret that secrets does not have."
  }
}

variable "secrets" {
  description = "Secrets by name; never a value. rotation_days holds once rotation_lambda_arn is given."
  type = map(object({
    rotation_days = number
  }))
}

variable "secret_recovery_days" {
  description = "Days in which a deleted secret can be brought back; 0 deletes at once."
  type        = number
}

variable "database" {
  description = "The database; null without one. replica is a copy in another region, in a network of its own."
  type = object({
    identifier            = string
    engine                = string
    version               = string
    instance_class        = string
    storage_gib           = number
    port                  = number
    database_name         = string
    multi_az              = bool
    deletion_protection   = bool
    final_snapshot        = bool
    backup_retention_days = number
    replica = object({
      region   = string
      vpc_cidr = string
    })
  })

  validation {
    condition     = try(var.database.replica.region, null) == null ? true : var.database.replica.region != var.region
    error_message = "database.replica.region is the environment's own region: a copy there is lost together with it."
  }
}

variable "idle" {
  description = "When the database is stopped and started again, by name, as AWS writes cron; the limits of services say the same for those."
  type = map(object({
    stop     = list(string)
    start    = list(string)
    timezone = string
  }))
}

variable "monitoring" {
  description = "Alarms, who hears of them, and the dashboard; null without any."
  type = object({
    alarms    = bool
    dashboard = bool
    emails    = list(string)
  })
}

variable "backup" {
  description = "Backups beside those of the database itself; null without them."
  type = object({
    name           = string
    schedules      = list(string)
    retention_days = number
    copy_region    = string
  })

  validation {
    condition     = var.backup == null || try(length(var.backup.schedules) > 0, false)
    error_message = "backup.schedules is empty: nothing would ever be backed up."
  }

  validation {
    condition     = try(var.backup.copy_region, null) == null ? true : var.backup.copy_region != var.region
    error_message = "backup.copy_region is the environment's own region: a copy there is lost together with it."
  }
}

variable "budget" {
  description = "What the environment may cost; null without a budget. by_tag counts what carries its tag, where it shares the account."
  type = object({
    monthly_usd    = number
    alert_percents = list(number)
    emails         = list(string)
    by_tag         = bool
  })
}

# Beside the blueprint

variable "tags" {
  description = "Tags of everything, beside Project, Environment and ManagedBy."
  type        = map(string)
  default     = {}
}

variable "assume_role_arn" {
  description = "Role that Terraform works as; the identity of the shell or the pipeline without it."
  type        = string
  default     = null
}

variable "existing_network" {
  description = "A network that exists already and is taken instead of one of the environment's own; needed to share a load balancer."
  type = object({
    vpc_id                 = string
    public_subnet_ids      = optional(list(string), [])
    private_subnet_ids     = list(string)
    data_subnet_ids        = optional(list(string), [])
    load_balancer_group_id = optional(string)
    service_group_id       = string
    database_group_id      = optional(string)
  })
  default = null
}

variable "test_source_cidrs" {
  description = "Networks, beside the environment's own, from which a color is verified before it has users: those of the pipeline's runners. Never the world."
  type        = list(string)
  default     = []
}

variable "cluster_public_access_cidrs" {
  description = "Networks that reach the API of the Kubernetes cluster from outside; without them it is reached from the network only."
  type        = list(string)
  default     = []
}

variable "rotation_lambda_arn" {
  description = "Lambda function that rotates the secrets whose blueprint says how often; none is rotated without it."
  type        = string
  default     = null
}

variable "database_master_password" {
  description = "Password of the database's master user, where the database has a copy in another region (elsewhere Amazon RDS keeps one itself): 16 to 41 characters, given as TF_VAR_database_master_password. It is written once and not kept in the state; a plan that is saved to a file holds it."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = try(var.database.replica, null) == null || var.database_master_password != null
    error_message = "A database with a copy in another region needs a password: put it into TF_VAR_database_master_password."
  }
}
