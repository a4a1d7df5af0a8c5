# Inputs of the cluster: what tasks run on, what is measured, and how sessions in containers are kept.

variable "name" {
  description = "Name of the cluster, such as shop-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,200}$", var.name)) && !can(regex("^(aws|ecs|fargate)", var.name))
    error_message = "name must be at most 200 letters, digits, hyphens and underscores, and must not begin with aws, ecs or fargate, which a capacity provider of that name may not."
  }
}

variable "tags" {
  description = "Tags of everything that can carry them."
  type        = map(string)
  default     = {}
}

variable "capacity" {
  description = "What tasks run on when a service does not say: fargate, fargate-spot (may be taken away within two minutes) or ec2 (instances made here)."
  type        = string
  default     = "fargate"

  validation {
    condition     = contains(["fargate", "fargate-spot", "ec2"], var.capacity)
    error_message = "capacity must be fargate, fargate-spot or ec2."
  }

  validation {
    condition     = (var.capacity == "ec2") == (var.instances != null)
    error_message = "capacity ec2 goes together with instances: give both, or neither."
  }
}

variable "container_insights" {
  description = "What CloudWatch measures of the cluster: disabled, enabled (cluster and services) or enhanced (tasks and containers too). Costs by the number of metrics."
  type        = string
  default     = "enabled"

  validation {
    condition     = contains(["disabled", "enabled", "enhanced"], var.container_insights)
    error_message = "container_insights must be disabled, enabled or enhanced."
  }
}

variable "exec_log" {
  description = "Keeps what is done in sessions opened with execute-command in a log group of its own, the session encrypted by kms_key_arn when given. null leaves it to the log of the task."
  type = object({
    group_name     = string
    retention_days = optional(number, 90)
    kms_key_arn    = optional(string)
  })
  default = null

  validation {
    condition     = var.exec_log == null ? true : can(regex("^[a-zA-Z0-9_/.#-]{1,512}$", var.exec_log.group_name))
    error_message = "exec_log: group_name must be 1 to 512 letters, digits and the signs _ / . # -, such as /shop/prod/exec."
  }

  validation {
    condition     = var.exec_log == null ? true : contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.exec_log.retention_days)
    error_message = "exec_log: retention_days must be a number that CloudWatch has: 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }

  validation {
    condition     = try(var.exec_log.kms_key_arn, null) == null ? true : can(regex("^arn:aws[a-z-]*:kms:", var.exec_log.kms_key_arn))
    error_message = "exec_log: kms_key_arn must be the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID."
  }
}

variable "storage_kms_key_arn" {
  description = "KMS key that encrypts the storage of Fargate tasks and the disks of instances. Without it AWS encrypts with keys of its own."
  type        = string
  default     = null

  validation {
    condition     = var.storage_kms_key_arn == null ? true : can(regex("^arn:aws[a-z-]*:kms:", var.storage_kms_key_arn))
    error_message = "storage_kms_key_arn must be the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID."
  }
}

variable "instances" {
  description = <<-EOT
    Instances for capacity ec2, scaled by what tasks need:
    - instance_type; min and max instances; subnet_ids (private) and their vpc_id.
    - image_parameter: SSM parameter of the machine image; take the arm64 one for Graviton types.
    - disk_gib: size of the encrypted root disk.
    - target_percent: how full the instances are kept; below 100 keeps room for tasks that come suddenly.
    - role_name: name of the instances' role, at most 64 characters.
  EOT
  type = object({
    instance_type   = string
    min             = number
    max             = number
    vpc_id          = string
    subnet_ids      = list(string)
    role_name       = string
    image_parameter = optional(string, "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id")
    disk_gib        = optional(number, 30)
    target_percent  = optional(number, 100)
  })
  default = null

  validation {
    condition     = var.instances == null ? true : can(regex("^[a-z0-9-]+\\.[a-z0-9-]+$", var.instances.instance_type))
    error_message = "instances: instance_type must be an EC2 instance type, such as m5.large."
  }

  validation {
    condition     = var.instances == null ? true : var.instances.min >= 0 && var.instances.max >= 1 && var.instances.min <= var.instances.max
    error_message = "instances: min must be from 0 to max, and max at least 1; raise max or lower min."
  }

  validation {
    condition     = var.instances == null ? true : length(var.instances.subnet_ids) >= 1
    error_message = "instances: subnet_ids must name at least one subnet."
  }

  validation {
    condition     = var.instances == null ? true : can(regex("^[a-zA-Z0-9+=,.@_-]{1,64}$", var.instances.role_name))
    error_message = "instances: role_name must be 1 to 64 letters, digits and the signs + = , . @ _ -."
  }

  validation {
    condition     = var.instances == null ? true : startswith(var.instances.image_parameter, "/")
    error_message = "instances: image_parameter must be the name of an SSM parameter, such as /aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id."
  }

  validation {
    condition     = var.instances == null ? true : var.instances.disk_gib >= 30 && var.instances.disk_gib <= 16384
    error_message = "instances: disk_gib must be from 30, the size of the machine image, to 16384."
  }

  validation {
    condition     = var.instances == null ? true : var.instances.target_percent >= 1 && var.instances.target_percent <= 100
    error_message = "instances: target_percent must be from 1 to 100."
  }
}
