# Inputs: which services and databases are watched, what counts as wrong, and who is told.
variable "name" {
  description = "Beginning of the name of everything in the module and name of the dashboard, such as shop-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,99}$", var.name))
    error_message = "name must be 1 to 100 lower-case letters, digits and hyphens and begin with a letter or a digit."
  }
}

variable "tags" {
  description = "Tags of everything in the module."
  type        = map(string)
  default     = {}
}

variable "alarms_enabled" {
  description = "Makes alarms and the topic that they tell."
  type        = bool
  default     = true
}

variable "dashboard_enabled" {
  description = "Makes the dashboard."
  type        = bool
  default     = true
}

variable "notify_emails" {
  description = "Mail addresses that are told of alarms; each has to confirm once."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.notify_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", email))])
    error_message = "notify_emails must be mail addresses, such as ops@example.com."
  }
}

variable "load_balancer_arn" {
  description = "Load balancer in front of the services; null where no service has one."
  type        = string
  default     = null
}

variable "services" {
  description = "Services by name. target_group_arns for a service behind the load balancer, ecs for one that runs on Amazon ECS, autoscaling_group_names for one that runs on instances, log_group_name with error_log_pattern (a filter pattern of CloudWatch Logs) to count errors in its log. The thresholds hold for the colors together, or for each where a metric has one."
  type = map(object({
    target_group_arns = optional(object({
      blue  = string
      green = string
    }))
    ecs = optional(object({
      cluster_name = string
      service_names = object({
        blue  = string
        green = string
      })
    }))
    autoscaling_group_names = optional(object({
      blue  = string
      green = string
    }))
    log_group_name         = optional(string)
    error_log_pattern      = optional(string)
    error_rate_percent     = optional(number, 5)
    minimum_requests       = optional(number, 20)
    response_p95_seconds   = optional(number, 1)
    cpu_percent            = optional(number, 90)
    memory_percent         = optional(number, 90)
    error_lines_per_minute = optional(number, 10)
  }))
  default = {}

  validation {
    condition     = alltrue([for service in values(var.services) : service.ecs == null || service.autoscaling_group_names == null])
    error_message = "A service runs on Amazon ECS or on instances: give ecs or autoscaling_group_names, not both."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : service.error_rate_percent > 0 && service.error_rate_percent <= 100 && service.cpu_percent > 0 && service.cpu_percent <= 100 && service.memory_percent > 0 && service.memory_percent <= 100])
    error_message = "error_rate_percent, cpu_percent and memory_percent must be above 0 and at most 100."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : service.response_p95_seconds > 0 && service.minimum_requests >= 1 && service.error_lines_per_minute >= 1])
    error_message = "response_p95_seconds must be above 0; minimum_requests and error_lines_per_minute must be at least 1."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : service.error_log_pattern == null || service.log_group_name != null])
    error_message = "error_log_pattern needs log_group_name: the log whose lines are counted."
  }
}

variable "databases" {
  description = "Databases by name. kind is instance (Amazon RDS) or cluster (Aurora); replica_lag_seconds for one that copies another. connections is the number that is too many for its size; null does not look at it."
  type = map(object({
    identifier          = string
    kind                = optional(string, "instance")
    cpu_percent         = optional(number, 80)
    free_storage_gib    = optional(number, 5)
    connections         = optional(number)
    replica_lag_seconds = optional(number)
  }))
  default = {}

  validation {
    condition     = alltrue([for database in values(var.databases) : contains(["instance", "cluster"], database.kind)])
    error_message = "kind of a database must be instance or cluster."
  }

  validation {
    condition     = alltrue([for database in values(var.databases) : database.cpu_percent > 0 && database.cpu_percent <= 100 && database.free_storage_gib > 0])
    error_message = "cpu_percent of a database must be above 0 and at most 100, free_storage_gib above 0."
  }

  validation {
    condition     = alltrue([for database in values(var.databases) : (database.connections == null ? true : database.connections >= 1) && (database.replica_lag_seconds == null ? true : database.replica_lag_seconds >= 1)])
    error_message = "connections and replica_lag_seconds of a database must be at least 1, or null."
  }
}

variable "composite_alarm_enabled" {
  description = "One alarm that fires when users of any service are affected (errors or latency), for a page instead of a mail each."
  type        = bool
  default     = false
}
