# Inputs: one service that runs on instances, in two colors.
variable "name" {
  description = "Name of everything in the module, such as shop-prod-web. The groups are called NAME-blue and NAME-green."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{2,119}$", var.name))
    error_message = "name must be 3 to 120 lower-case letters, digits and hyphens and begin with a letter or a digit."
  }
}

variable "role_name" {
  description = "Name of the role and instance profile of the instances; NAME-instance without it."
  type        = string
  default     = null

  validation {
    condition     = length(coalesce(var.role_name, "${var.name}-instance")) <= 64
    error_message = "NAME-instance is longer than the 64 characters that the name of an IAM role may have: give role_name."
  }
}

variable "tags" {
  description = "Tags of everything in the module, instances and volumes included."
  type        = map(string)
  default     = {}
}

variable "service" {
  description = "Name of the service; its container has the same name."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,62}$", var.service))
    error_message = "service must be 1 to 63 lower-case letters, digits and hyphens and begin with a letter or a digit."
  }
}

variable "subnet_ids" {
  description = "Private subnets of the instances, in at least two zones where the service has to survive the loss of one."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0
    error_message = "subnet_ids must name at least one private subnet."
  }
}

variable "security_group_ids" {
  description = "Security groups of the instances."
  type        = list(string)

  validation {
    condition     = length(var.security_group_ids) > 0
    error_message = "security_group_ids must name at least one group: without one an instance falls into the default group of the VPC."
  }
}

variable "target_group_arns" {
  description = "Target group of each color (target type instance); null for a service that no load balancer reaches."
  type = object({
    blue  = string
    green = string
  })
  default = null
}

variable "load_balancer_arn" {
  description = "Load balancer in front of the target groups; needed to scale on requests per target."
  type        = string
  default     = null
}

variable "ami" {
  description = "Machine image: ami-…, the name of an SSM parameter (/…; read at plan time, so a newer image is a visible change), or resolve:ssm:/… (read at every launch). A container needs Amazon Linux 2023 or an image that has docker, jq and the AWS CLI."
  type        = string
  default     = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"

  validation {
    condition     = can(regex("^(ami-[0-9a-f]{8,17}|(resolve:ssm:)?/[A-Za-z0-9_./-]+)$", var.ami))
    error_message = "ami must be an image id (ami-0123456789abcdef0), the name of an SSM parameter (/aws/service/…) or resolve:ssm:/…."
  }
}

variable "instance_type" {
  description = "Instance type, such as t3.micro or m5.large."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*\\.(nano|micro|small|medium|large|[0-9]*xlarge|metal(-[0-9]+xl)?)$", var.instance_type))
    error_message = "instance_type must be FAMILY.SIZE as Amazon EC2 writes it, such as t3.micro or m5.large."
  }
}

variable "spot" {
  description = "Runs on Spot capacity, which can be taken away within two minutes."
  type        = bool
  default     = false
}

variable "root_volume_gib" {
  description = "Size of the encrypted gp3 root volume in GiB."
  type        = number
  default     = 20

  validation {
    condition     = var.root_volume_gib >= 8 && var.root_volume_gib <= 16384 && floor(var.root_volume_gib) == var.root_volume_gib
    error_message = "root_volume_gib must be a whole number from 8 to 16384."
  }
}

variable "root_volume_kms_key_arn" {
  description = "KMS key of the root volume; the account's key for EBS without it. The service-linked role of Auto Scaling needs a grant on a key of your own."
  type        = string
  default     = null
}

variable "metadata_hop_limit" {
  description = "Hops that answers of the instance metadata service travel: 1 keeps the instance's identity from the container, 2 lets the container use it."
  type        = number
  default     = 1

  validation {
    condition     = contains([1, 2], var.metadata_hop_limit)
    error_message = "metadata_hop_limit must be 1 or 2."
  }
}

variable "detailed_monitoring_enabled" {
  description = "Instance metrics each minute instead of each five minutes; target tracking reacts that much sooner."
  type        = bool
  default     = true
}

variable "container" {
  description = "What the instances run: an image with its command, variables, files (path to content) and secrets. secrets and secret_files map a variable or a path to the ARN of a secret, which the instance reads at start by its own identity. Null when user_data is given."
  type = object({
    image        = string
    port         = optional(number, 3000)
    command      = optional(list(string), [])
    environment  = optional(map(string), {})
    files        = optional(map(string), {})
    secrets      = optional(map(string), {})
    secret_files = optional(map(string), {})
    stop_seconds = optional(number, 30)
  })
  default = null

  validation {
    condition     = var.container == null ? true : can(regex("^[a-zA-Z0-9][a-zA-Z0-9._/:@-]*$", var.container.image))
    error_message = "container.image must be an image reference, best by digest: REPOSITORY@sha256:…."
  }

  validation {
    condition     = var.container == null ? true : var.container.port >= 1 && var.container.port <= 65535
    error_message = "container.port must be from 1 to 65535."
  }

  validation {
    condition     = var.container == null ? true : var.container.stop_seconds >= 1 && var.container.stop_seconds <= 3600
    error_message = "container.stop_seconds must be from 1 to 3600."
  }

  validation {
    condition     = var.container == null ? true : alltrue([for path in concat(keys(var.container.files), keys(var.container.secret_files)) : can(regex("^/[^\\s:]+$", path)) && !can(regex("(^|/)\\.\\.(/|$)", path))])
    error_message = "container.files and container.secret_files must be absolute paths without spaces, colons or .. in them."
  }

  validation {
    condition     = var.container == null ? true : alltrue([for variable in concat(keys(var.container.environment), keys(var.container.secrets)) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", variable))])
    error_message = "container.environment and container.secrets must have names of variables as their keys: letters, digits and _, no digit first."
  }

  validation {
    condition     = (var.container == null) != (var.user_data == null)
    error_message = "Give either container (an image to run) or user_data (a script of your own), not both and not neither."
  }
}

variable "user_data" {
  description = "Script that an instance runs at its first start, instead of container. No secret value belongs in it: everybody who may describe the launch template can read it."
  type        = string
  default     = null

  validation {
    condition     = var.user_data == null ? true : length(var.user_data) <= 16384
    error_message = "user_data must be at most 16384 characters (a limit of Amazon EC2)."
  }
}

variable "log_group_name" {
  description = "CloudWatch log group that the instances write to; it must exist."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_/.#-]{1,512}$", var.log_group_name))
    error_message = "log_group_name must be 1 to 512 letters, digits and _ / . # -."
  }
}

variable "secret_arns" {
  description = "Secrets that the instances may read, those of container included."
  type        = list(string)
  default     = []
}

variable "kms_key_arns" {
  description = "KMS keys that the secrets are encrypted with; used through Secrets Manager only."
  type        = list(string)
  default     = []
}

variable "repository_arns" {
  description = "ECR repositories that the instances may pull from."
  type        = list(string)
  default     = []
}

variable "scaling" {
  description = "Least and most instances of the color that has the users; desired is how many blue begins with, or 0 to begin with none until the first release. What target tracking keeps: average CPU in percent and requests per instance and minute (null does not look at it)."
  type = object({
    min                 = number
    max                 = number
    desired             = number
    cpu_percent         = optional(number)
    requests_per_target = optional(number)
  })

  validation {
    condition     = var.scaling.min >= 0 && var.scaling.min <= var.scaling.max && (var.scaling.desired == 0 || (var.scaling.min <= var.scaling.desired && var.scaling.desired <= var.scaling.max))
    error_message = "scaling must have 0 <= min <= desired <= max, or desired 0 to begin without instances."
  }

  validation {
    condition     = var.scaling.cpu_percent == null ? true : var.scaling.cpu_percent >= 1 && var.scaling.cpu_percent <= 100
    error_message = "scaling.cpu_percent must be from 1 to 100, or null."
  }

  validation {
    condition     = var.scaling.requests_per_target == null ? true : var.scaling.requests_per_target >= 1 && var.target_group_arns != null && var.load_balancer_arn != null
    error_message = "scaling.requests_per_target must be at least 1 and needs target_group_arns and load_balancer_arn; set it to null for a service that no load balancer reaches."
  }
}

variable "schedules" {
  description = "Other limits at certain times, by name: from cron to end (five fields each, in the time zone). Without end they stay until another schedule. min and max 0 stop the service."
  type = map(object({
    cron     = string
    end      = optional(string)
    timezone = optional(string, "UTC")
    min      = number
    max      = number
  }))
  default = {}

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : schedule.min >= 0 && schedule.min <= schedule.max])
    error_message = "Each schedule must have 0 <= min <= max."
  }

  validation {
    condition = alltrue(flatten([for schedule in values(var.schedules) : [
      for cron in compact([schedule.cron, schedule.end]) :
      can(regex("^[0-9*,/-]+ [0-9*,/-]+ [0-9*,/-]+ ([0-9*,/-]|[A-Za-z]{3})+ ([0-9*,/-]|[A-Za-z]{3})+$", cron))
    ]]))
    error_message = "cron and end must have five fields separated by one space each: minute, hour, day of month, month, day of week, such as 0 19 * * FRI."
  }

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : can(regex("^[A-Za-z][A-Za-z0-9_+/-]*$", schedule.timezone))])
    error_message = "timezone must be a name of the IANA time zone database, such as UTC or Asia/Tokyo."
  }
}

variable "health_check_grace_seconds" {
  description = "Time after launch in which failing health checks do not replace an instance: longer than it takes to start."
  type        = number
  default     = 120

  validation {
    condition     = var.health_check_grace_seconds >= 0 && var.health_check_grace_seconds <= 7200
    error_message = "health_check_grace_seconds must be from 0 to 7200."
  }
}

variable "warmup_seconds" {
  description = "Time from launch until an instance counts for scaling."
  type        = number
  default     = 60

  validation {
    condition     = var.warmup_seconds >= 0 && var.warmup_seconds <= 3600
    error_message = "warmup_seconds must be from 0 to 3600."
  }
}
