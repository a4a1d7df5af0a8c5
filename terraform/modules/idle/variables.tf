# Inputs: what is stopped, and when.
variable "name" {
  description = "Name of the group of schedules and of the role, such as shop-dev."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]{1,59}$", var.name))
    error_message = "name must be 1 to 59 letters, digits and hyphens (NAME-idle is the name of an IAM role)."
  }
}

variable "tags" {
  description = "Tags of everything that can carry them."
  type        = map(string)
  default     = {}
}

variable "databases" {
  description = "Databases by a name of your choice. kind is instance (Amazon RDS) or cluster (Aurora). An instance with a read replica cannot be stopped."
  type = map(object({
    identifier = string
    kind       = optional(string, "instance")
  }))

  validation {
    condition     = alltrue([for database in values(var.databases) : contains(["instance", "cluster"], database.kind)])
    error_message = "kind of a database must be instance or cluster."
  }
}

variable "schedules" {
  description = "When everything is stopped and started, by name: beginnings in the six fields of AWS, in a time zone."
  type = map(object({
    stop     = list(string)
    start    = list(string)
    timezone = optional(string, "UTC")
  }))

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : length(schedule.stop) > 0 && length(schedule.start) > 0])
    error_message = "Each schedule needs stop and start: what is only stopped would be started by AWS itself after seven days."
  }

  validation {
    condition = alltrue(flatten([for schedule in values(var.schedules) : [
      for moment in concat(schedule.stop, schedule.start) :
      can(regex("^cron\\([0-9*,/-]+ [0-9*,/-]+ [0-9*,/?LW-]+ [0-9A-Z*,/-]+ [0-9A-Z*,/?#L-]+ [0-9*,/-]+\\)$", moment)) && length(regexall("\\?", moment)) == 1
    ]]))
    error_message = "stop and start have six fields, and ? as day of month or as weekday, such as cron(0 20 ? * MON-FRI *)."
  }

  validation {
    condition     = alltrue([for name in keys(var.schedules) : can(regex("^[A-Za-z0-9-]{1,40}$", name))])
    error_message = "The name of a schedule must be 1 to 40 letters, digits and hyphens."
  }

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : can(regex("^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$", schedule.timezone))])
    error_message = "timezone must be a name of the IANA time zone database, such as UTC or Asia/Tokyo."
  }
}
