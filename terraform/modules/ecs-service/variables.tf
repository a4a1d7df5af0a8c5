# Inputs of the service: its container, the two colors that run it, its roles and how it scales.

variable "name" {
  description = "Name of the service and of its container; the ECS services are NAME-blue and NAME-green."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,200}$", var.name))
    error_message = "name must be at most 200 letters, digits, hyphens and underscores, such as web."
  }
}

variable "tags" {
  description = "Tags of everything that can carry them."
  type        = map(string)
  default     = {}
}

variable "cluster_name" {
  description = "Name of the cluster."
  type        = string
}

variable "cluster_arn" {
  description = "ARN of the cluster."
  type        = string
}

variable "capacity" {
  description = "What tasks run on: fargate, fargate-spot (may be taken away within two minutes) or ec2."
  type        = string
  default     = "fargate"

  validation {
    condition     = contains(["fargate", "fargate-spot", "ec2"], var.capacity)
    error_message = "capacity must be fargate, fargate-spot or ec2."
  }
}

variable "capacity_provider_name" {
  description = "Capacity provider of the instances, for capacity ec2."
  type        = string
  default     = null

  validation {
    condition     = (var.capacity == "ec2") == (var.capacity_provider_name != null)
    error_message = "capacity_provider_name goes together with capacity ec2: give both, or neither."
  }
}

variable "spot_percent" {
  description = "Share of the tasks on Spot with capacity fargate-spot; the rest, and always the first spot_base_on_demand of them, stay on Fargate."
  type        = number
  default     = 100

  validation {
    condition     = var.spot_percent >= 1 && var.spot_percent <= 100 && floor(var.spot_percent) == var.spot_percent
    error_message = "spot_percent must be a whole number from 1 to 100; for none write capacity fargate."
  }
}

variable "spot_base_on_demand" {
  description = "Tasks that are on Fargate before any is on Spot, with capacity fargate-spot."
  type        = number
  default     = 0

  validation {
    condition     = var.spot_base_on_demand >= 0 && var.spot_base_on_demand <= 100000 && floor(var.spot_base_on_demand) == var.spot_base_on_demand
    error_message = "spot_base_on_demand must be a whole number from 0 to 100000."
  }
}

variable "family" {
  description = "Family of the task definition, such as shop-prod-web."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,255}$", var.family))
    error_message = "family must be 1 to 255 letters, digits, hyphens and underscores, such as shop-prod-web."
  }
}

variable "image" {
  description = "Image of the first task definition, best by digest. Before the first release any reference will do, as desired_count is 0; later the pipeline registers its own revisions."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9][a-zA-Z0-9._/:@-]{0,511}$", var.image))
    error_message = "image must be an image reference, such as 111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/shop/web@sha256:…."
  }
}

variable "repository_arns" {
  description = "ECR repositories that the image may come from; empty when it is kept elsewhere."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.repository_arns : can(regex("^arn:aws[a-z-]*:ecr:[a-z0-9-]+:[0-9]{12}:repository/", arn)) && !strcontains(arn, "*")])
    error_message = "repository_arns must be ARNs of single repositories, arn:aws:ecr:REGION:ACCOUNT:repository/NAME."
  }
}

variable "cpu" {
  description = "CPU units of a task, 1024 a core. On Fargate 256, 512, 1024, 2048, 4096, 8192 or 16384."
  type        = number
  default     = 256

  validation {
    condition     = var.capacity == "ec2" ? var.cpu >= 128 && var.cpu <= 196608 : contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "cpu: Fargate has 256, 512, 1024, 2048, 4096, 8192 and 16384 units; on ec2 write from 128 to 196608."
  }
}

variable "memory" {
  description = "Memory of a task in MiB; on Fargate one that goes with cpu."
  type        = number
  default     = 512

  # Table "Task size" of the page "Amazon ECS task definition parameters for Fargate".
  validation {
    condition = var.capacity == "ec2" ? var.memory >= 6 : contains(lookup({
      "256"   = [512, 1024, 2048]
      "512"   = range(1024, 4097, 1024)
      "1024"  = range(2048, 8193, 1024)
      "2048"  = range(4096, 16385, 1024)
      "4096"  = range(8192, 30721, 1024)
      "8192"  = range(16384, 61441, 4096)
      "16384" = range(32768, 122881, 8192)
    }, tostring(var.cpu), []), var.memory)
    error_message = "memory: Fargate has 512, 1024 and 2048 MiB with 256 CPU units; 1024–4096 with 512, 2048–8192 with 1024, 4096–16384 with 2048 and 8192–30720 with 4096, in steps of 1024; 16384–61440 in steps of 4096 with 8192; 32768–122880 in steps of 8192 with 16384."
  }
}

variable "cpu_architecture" {
  description = "Processor that the image is built for: X86_64 or ARM64."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.cpu_architecture)
    error_message = "cpu_architecture must be X86_64 or ARM64."
  }
}

variable "ephemeral_storage_gib" {
  description = "Storage of a Fargate task in GiB; null gives the 20 that are free."
  type        = number
  default     = null

  validation {
    condition     = var.ephemeral_storage_gib == null ? true : var.capacity != "ec2" && var.ephemeral_storage_gib >= 21 && var.ephemeral_storage_gib <= 200
    error_message = "ephemeral_storage_gib must be from 21 to 200, and is for Fargate only; write null for the usual 20."
  }
}

variable "port" {
  description = "Port that the container listens on."
  type        = number
  default     = 3000

  validation {
    condition     = var.port >= 1 && var.port <= 65535
    error_message = "port must be from 1 to 65535."
  }
}

variable "command" {
  description = "Program and arguments instead of the image's own; null keeps those."
  type        = list(string)
  default     = null
}

variable "environment" {
  description = "Environment variables that everybody may read. Secrets belong into secrets."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.environment) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name))])
    error_message = "environment: a variable has letters, digits and underscores, and does not begin with a digit, such as LOG_LEVEL."
  }
}

variable "secrets" {
  description = "Environment variables filled from Secrets Manager or SSM parameters when a task starts: ARNs by variable, never values. A secret's ARN may go on with :KEY:STAGE:VERSION."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name)) && !contains(keys(var.environment), name)])
    error_message = "secrets: a variable has letters, digits and underscores, does not begin with a digit, and is not in environment as well."
  }

  validation {
    condition     = alltrue([for arn in values(var.secrets) : can(regex("^arn:aws[a-z-]*:(secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:|ssm:[a-z0-9-]+:[0-9]{12}:parameter/)[^*]+$", arn))])
    error_message = "secrets must be ARNs of secrets (arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME) or parameters (arn:aws:ssm:REGION:ACCOUNT:parameter/NAME), not values."
  }
}

variable "secret_kms_key_arns" {
  description = "KMS keys that the secrets are encrypted with; empty when it is AWS's own key."
  type        = list(string)
  default     = []
}

variable "user" {
  description = "User that the container runs as, such as 1000:1000; null keeps the image's own."
  type        = string
  default     = null

  validation {
    condition     = var.user == null ? true : can(regex("^[a-zA-Z0-9_-]+(:[a-zA-Z0-9_-]+)?$", var.user)) && !can(regex("^(root|0)(:|$)", var.user))
    error_message = "user must be a user or user:group other than root, such as 1000:1000 or node."
  }
}

variable "read_only_root" {
  description = "The container can't write to its own file system, save for writable_paths."
  type        = bool
  default     = true
}

variable "writable_paths" {
  description = "Folders of the container that are writable and empty at the start, such as /tmp. A user other than root needs a VOLUME with its own permissions at that path in the image."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for path in var.writable_paths : can(regex("^(/[A-Za-z0-9._-]+)+$", path))])
    error_message = "writable_paths must be absolute paths in the container, such as /tmp."
  }
}

variable "dropped_capabilities" {
  description = "Linux capabilities that the container does without. An image that starts as root and changes its user needs SETUID and SETGID: then name single ones instead of ALL."
  type        = list(string)
  default     = ["ALL"]
}

variable "health_check" {
  description = "Command inside the container that tells whether it works; null leaves that to the load balancer. command begins with CMD or CMD-SHELL, and the image must have the program."
  type = object({
    command              = list(string)
    interval_seconds     = optional(number, 10)
    timeout_seconds      = optional(number, 5)
    retries              = optional(number, 3)
    start_period_seconds = optional(number, 10)
  })
  default = null

  validation {
    condition     = var.health_check == null ? true : length(var.health_check.command) >= 2 && contains(["CMD", "CMD-SHELL"], var.health_check.command[0])
    error_message = "health_check: command must begin with CMD or CMD-SHELL and go on with the program, such as [\"CMD\", \"node\", \"health.js\"]."
  }

  validation {
    condition = var.health_check == null ? true : (
      var.health_check.interval_seconds >= 5 && var.health_check.interval_seconds <= 300 &&
      var.health_check.timeout_seconds >= 2 && var.health_check.timeout_seconds <= 60 &&
      var.health_check.retries >= 1 && var.health_check.retries <= 10 &&
      var.health_check.start_period_seconds >= 0 && var.health_check.start_period_seconds <= 300
    )
    error_message = "health_check: interval_seconds must be from 5 to 300, timeout_seconds 2 to 60, retries 1 to 10, start_period_seconds 0 to 300."
  }
}

variable "stop_timeout_seconds" {
  description = "Time to finish requests between SIGTERM and SIGKILL; on Fargate at most 120."
  type        = number
  default     = 30

  validation {
    condition     = var.stop_timeout_seconds >= 2 && (var.capacity == "ec2" || var.stop_timeout_seconds <= 120)
    error_message = "stop_timeout_seconds must be at least 2, and at most 120 on Fargate, which waits no longer."
  }
}

variable "subnet_ids" {
  description = "Subnets of the tasks: private ones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 1 && length(var.subnet_ids) <= 16
    error_message = "subnet_ids must name 1 to 16 subnets."
  }
}

variable "security_group_ids" {
  description = "Security groups of the tasks."
  type        = list(string)

  validation {
    condition     = length(var.security_group_ids) >= 1 && length(var.security_group_ids) <= 5
    error_message = "security_group_ids must name 1 to 5 security groups."
  }
}

variable "assign_public_ip" {
  description = "Gives each task a public address: only for public subnets of a development network without NAT."
  type        = bool
  default     = false

  validation {
    condition     = !var.assign_public_ip || var.capacity != "ec2"
    error_message = "assign_public_ip is for Fargate only; a task on an instance has no public address."
  }
}

variable "target_group_arns" {
  description = "Target groups of the colors, which a rule of a listener must refer to already; null for a service without load balancer."
  type        = object({ blue = string, green = string })
  default     = null
}

variable "health_check_grace_seconds" {
  description = "Time after its start in which a task is not stopped for failing the load balancer's health check."
  type        = number
  default     = 60

  validation {
    condition     = var.health_check_grace_seconds >= 0 && var.health_check_grace_seconds <= 2147483647
    error_message = "health_check_grace_seconds must be 0 or more."
  }
}

variable "desired_count" {
  description = "Tasks that blue begins with: 0 before the first release, as there is no image yet. Afterwards the pipeline and scaling own the number."
  type        = number
  default     = 0

  validation {
    condition     = var.desired_count >= 0 && floor(var.desired_count) == var.desired_count
    error_message = "desired_count must be a whole number, 0 or more."
  }
}

variable "deployment_rollback" {
  description = "Whether ECS itself goes back to the former task definition when a deployment fails. False stops it and leaves the decision to the pipeline, which moves traffic first."
  type        = bool
  default     = false
}

variable "exec_enabled" {
  description = "Lets people with the permission open a session in a container (execute-command)."
  type        = bool
  default     = false
}

variable "exec_log_group_arn" {
  description = "Log group in which the cluster keeps sessions; the task role may write to it when exec_enabled. null when it keeps none."
  type        = string
  default     = null
}

variable "exec_kms_key_arn" {
  description = "KMS key that the cluster encrypts sessions with; the task role may decrypt with it when exec_enabled."
  type        = string
  default     = null
}

variable "log_group_name" {
  description = "Log group of the containers, such as /shop/prod/web."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9_/.#-]{1,512}$", var.log_group_name))
    error_message = "log_group_name must be 1 to 512 letters, digits and the signs _ / . # -, such as /shop/prod/web."
  }
}

variable "create_log_group" {
  description = "False when the log group is made elsewhere."
  type        = bool
  default     = true
}

variable "log_retention_days" {
  description = "How long logs are kept; 0 keeps them for ever."
  type        = number
  default     = 30

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a number that CloudWatch has: 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "log_kms_key_arn" {
  description = "KMS key that encrypts the logs; its policy must admit the logs service. Without it CloudWatch encrypts with a key of its own."
  type        = string
  default     = null

  validation {
    condition     = var.log_kms_key_arn == null ? true : can(regex("^arn:aws[a-z-]*:kms:", var.log_kms_key_arn))
    error_message = "log_kms_key_arn must be the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID."
  }
}

variable "role_names" {
  description = "Names of the execution role and the task role, ready-made, at most 64 characters each, such as shop-prod-web-execution and shop-prod-web-task."
  type        = object({ execution = string, task = string })

  validation {
    condition     = alltrue([for name in values(var.role_names) : can(regex("^[a-zA-Z0-9+=,.@_-]{1,64}$", name))]) && var.role_names.execution != var.role_names.task
    error_message = "role_names must be two different names of 1 to 64 letters, digits and the signs + = , . @ _ -."
  }
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds both roles; null sets none."
  type        = string
  default     = null
}

variable "task_policies" {
  description = "What the application itself may do in AWS: policies as JSON by name. Empty lets it do nothing."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for policy in values(var.task_policies) : can(jsondecode(policy).Statement)])
    error_message = "task_policies must be IAM policies as JSON, with a Statement."
  }
}

variable "scaling" {
  description = <<-EOT
    How the color that serves scales; null leaves the number of tasks to the pipeline:
    - min and max tasks.
    - cpu_percent, memory_percent: average use to keep. requests_per_target: requests a minute and task to keep. null does not look at it.
    - scale_in_cooldown_seconds, scale_out_cooldown_seconds: rest between two steps down, and up.
    - schedules: other limits at certain times, by name, as AWS writes cron: cron(MINUTE HOUR DAY MONTH WEEKDAY YEAR) in an IANA time zone.
  EOT
  type = object({
    min                        = number
    max                        = number
    cpu_percent                = optional(number)
    memory_percent             = optional(number)
    requests_per_target        = optional(number)
    scale_in_cooldown_seconds  = optional(number, 300)
    scale_out_cooldown_seconds = optional(number, 60)
    schedules = optional(map(object({
      schedule = string
      timezone = optional(string, "UTC")
      min      = number
      max      = number
    })), {})
  })
  default = null

  validation {
    condition     = var.scaling == null ? true : var.scaling.min >= 0 && var.scaling.max >= 1 && var.scaling.min <= var.scaling.max
    error_message = "scaling: min must be from 0 to max, and max at least 1; raise max or lower min."
  }

  validation {
    condition     = var.scaling == null ? true : var.desired_count == 0 || (var.desired_count >= var.scaling.min && var.desired_count <= var.scaling.max)
    error_message = "scaling: desired_count must be 0 or from min to max, else scaling changes it at once."
  }

  validation {
    condition     = var.scaling == null ? true : alltrue([for percent in [var.scaling.cpu_percent, var.scaling.memory_percent] : percent == null ? true : percent >= 1 && percent <= 100])
    error_message = "scaling: cpu_percent and memory_percent must be from 1 to 100, or null."
  }

  validation {
    condition     = try(var.scaling.requests_per_target, null) == null ? true : var.scaling.requests_per_target >= 1 && var.request_count_labels != null
    error_message = "scaling: requests_per_target must be at least 1, and needs request_count_labels of the load balancer."
  }

  validation {
    condition     = var.scaling == null ? true : var.scaling.scale_in_cooldown_seconds >= 0 && var.scaling.scale_out_cooldown_seconds >= 0
    error_message = "scaling: cooldowns must be 0 seconds or more."
  }

  validation {
    condition     = var.scaling == null ? true : alltrue([for schedule in values(var.scaling.schedules) : schedule.min >= 0 && schedule.min <= schedule.max])
    error_message = "scaling: min of a schedule must be from 0 to its max; raise max or lower min."
  }

  # Fields as on the page "Cron expressions reference" of Amazon EventBridge Scheduler, which Application Auto Scaling shares.
  validation {
    condition = var.scaling == null ? true : alltrue([for schedule in values(var.scaling.schedules) :
      can(regex("^cron\\([^ ()]+( [^ ()]+){5}\\)$", schedule.schedule)) && alltrue(flatten([
        for field, pattern in [
          "^(\\*|[0-5]?[0-9](-[0-5]?[0-9])?)(/[0-9]{1,2})?$",
          "^(\\*|([01]?[0-9]|2[0-3])(-([01]?[0-9]|2[0-3]))?)(/[0-9]{1,2})?$",
          "^(\\?|L|LW|(\\*|([1-9]|[12][0-9]|3[01])(-([1-9]|[12][0-9]|3[01]))?)(/[0-9]{1,2})?|([1-9]|[12][0-9]|3[01])W)$",
          "^(\\*|([1-9]|1[0-2]|[A-Z]{3})(-([1-9]|1[0-2]|[A-Z]{3}))?)(/[0-9]{1,2})?$",
          "^(\\?|L|\\*|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(-([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)|L|#[1-5])?)$",
          "^(\\*|(19|20|21)[0-9]{2}(-(19|20|21)[0-9]{2})?)(/[0-9]{1,2})?$",
          ] : [
          for part in split(",", try(split(" ", trimsuffix(trimprefix(schedule.schedule, "cron("), ")"))[field], "")) : can(regex(pattern, part))
        ]
      ]))
    ])
    error_message = "scaling: a schedule is cron(MINUTE HOUR DAY MONTH WEEKDAY YEAR), such as cron(0 19 ? * FRI *) for Fridays at 19:00; weekdays are SUN to SAT or 1 (Sunday) to 7."
  }

  validation {
    condition     = var.scaling == null ? true : alltrue([for schedule in values(var.scaling.schedules) : length(regexall("\\?", schedule.schedule)) == 1])
    error_message = "scaling: a schedule has ? in either the day of the month or the weekday, and something else in the other, such as cron(0 19 ? * FRI *)."
  }

  validation {
    condition     = var.scaling == null ? true : alltrue([for schedule in values(var.scaling.schedules) : can(regex("^[A-Za-z][A-Za-z0-9_+/-]*$", schedule.timezone))])
    error_message = "scaling: timezone must be an IANA name, such as Asia/Tokyo or UTC."
  }
}

variable "request_count_labels" {
  description = "Resource labels of the colors' target groups, for requests_per_target: app/NAME/ID/targetgroup/NAME/ID."
  type        = object({ blue = string, green = string })
  default     = null
}
