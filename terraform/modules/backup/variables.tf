# Inputs: what is backed up, when, for how long, and where the copy goes.
variable "name" {
  description = "Name of vault, plan, key alias and role."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]{2,50}$", var.name))
    error_message = "name cannot name a vault: write 2 to 50 letters, digits and -."
  }
}

variable "tags" {
  description = "Tags of everything that is made."
  type        = map(string)
  default     = {}
}

variable "schedule" {
  description = "When backups begin, in the six fields of AWS: cron(minute hour day-of-month month day-of-week year)."
  type        = string
  default     = "cron(0 3 * * ? *)"

  validation {
    condition     = can(regex("^cron\\(\\S+ \\S+ \\S+ \\S+ \\S+ \\S+\\)$", var.schedule))
    error_message = "schedule does not have the six fields of AWS: write cron(minute hour day-of-month month day-of-week year), such as cron(0 3 * * ? *)."
  }

  validation {
    condition = alltrue([
      for index, field in try(split(" ", regex("^cron\\((.*)\\)$", var.schedule)[0]), []) :
      can(regex(try(local.cron_fields[index], "^$"), upper(field)))
    ])
    error_message = "schedule has a field that AWS does not take: minutes 0-59, hours 0-23, days 1-31, months 1-12 or JAN-DEC, days of the week 1-7 or SUN-SAT, years 1970-2199."
  }

  validation {
    condition     = length([for field in try(split(" ", regex("^cron\\((.*)\\)$", var.schedule)[0]), []) : field if field == "?"]) == 1
    error_message = "schedule names both or neither of day of month and day of week: exactly one of the two is ?, such as cron(0 3 * * ? *) or cron(0 3 ? * SUN *)."
  }
}

variable "more_schedules" {
  description = "Further beginnings, in the same form, for what one expression cannot say: a day of the month or a weekday."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([
      for schedule in var.more_schedules : can(regex("^cron\\(\\S+ \\S+ \\S+ \\S+ \\S+ \\S+\\)$", schedule)) && alltrue([
        for index, field in try(split(" ", regex("^cron\\((.*)\\)$", schedule)[0]), []) :
        can(regex(try(local.cron_fields[index], "^$"), upper(field)))
      ])
    ])
    error_message = "more_schedules holds something that AWS does not take: write cron(minute hour day-of-month month day-of-week year), such as cron(0 3 1 * ? *)."
  }

  validation {
    condition = alltrue([
      for schedule in var.more_schedules :
      length([for field in try(split(" ", regex("^cron\\((.*)\\)$", schedule)[0]), []) : field if field == "?"]) == 1
    ])
    error_message = "more_schedules names both or neither of day of month and day of week: exactly one of the two is ?."
  }
}

variable "schedule_timezone" {
  description = "Time zone of the schedule, a name of the IANA database."
  type        = string
  default     = "Etc/UTC"

  validation {
    condition     = can(regex("^[A-Za-z]+(/[A-Za-z0-9_+-]+){1,2}$", var.schedule_timezone))
    error_message = "schedule_timezone is no name of the time zone database: write one such as Etc/UTC or Asia/Tokyo."
  }
}

variable "start_window_minutes" {
  description = "How long a backup may wait for its begin before it counts as missed."
  type        = number
  default     = 60

  validation {
    condition     = var.start_window_minutes >= 60
    error_message = "start_window_minutes is below 60, the least that AWS Backup takes."
  }
}

variable "completion_window_minutes" {
  description = "How long after its scheduled begin a backup may run before it is cancelled."
  type        = number
  default     = 360

  validation {
    condition     = var.completion_window_minutes >= var.start_window_minutes + 60
    error_message = "completion_window_minutes leaves less than an hour after start_window_minutes: AWS Backup wants at least 60 minutes more."
  }
}

variable "retention_days" {
  description = "Days that a backup is kept."
  type        = number

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 36500 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days is not a whole number of days from 1 to 36500."
  }

  validation {
    condition     = !var.continuous || var.retention_days <= 35
    error_message = "retention_days is above 35, the most that a continuous backup keeps: lower it or set continuous to false."
  }

  validation {
    condition = var.vault_lock == null || (
      var.retention_days >= try(var.vault_lock.min_retention_days, 1) &&
      var.retention_days <= try(coalesce(var.vault_lock.max_retention_days, 36500), 36500)
    )
    error_message = "retention_days is outside what vault_lock allows: every backup job would fail."
  }
}

variable "continuous" {
  description = "Keeps a log beside the snapshots, so that a database can be restored to any second of the retention."
  type        = bool
  default     = false
}

variable "resource_tags" {
  description = "Everything that carries all of these tags is backed up; empty selects nothing by tag."
  type        = map(string)
  default     = {}
}

variable "resource_arns" {
  description = "What is backed up besides, by ARN."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.resource_arns) + length(var.resource_tags) > 0
    error_message = "Neither resource_arns nor resource_tags select anything: an empty plan looks like a backup and is none."
  }

  validation {
    condition     = !contains(var.resource_arns, "*")
    error_message = "resource_arns holds *, which is everything in the account: name resources or select them by tag."
  }
}

variable "create_kms_key" {
  description = "True makes a key for it; false takes kms_key_arn and, with a copy, copy_kms_key_arn."
  type        = bool
  default     = true
}

variable "kms_key_arn" {
  description = "Key that the vault is encrypted with, where create_kms_key is false."
  type        = string
  default     = null

  validation {
    condition     = var.create_kms_key ? var.kms_key_arn == null : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn is given although create_kms_key is true, or is not the ARN of a key although it is false: write create_kms_key = false and arn:aws:kms:REGION:ACCOUNT:key/ID, or neither."
  }
}

variable "vault_lock" {
  description = "Refuses to delete backups before their time. governance can be lifted by people with the right to; compliance by nobody, the root user and AWS included, once changeable_for_days are over. Holds for the copy's vault as well."
  type = object({
    mode                = string
    min_retention_days  = optional(number, 1)
    max_retention_days  = optional(number)
    changeable_for_days = optional(number)
  })
  default = null

  validation {
    condition     = var.vault_lock == null || contains(["governance", "compliance"], try(var.vault_lock.mode, ""))
    error_message = "vault_lock.mode is neither governance nor compliance."
  }

  validation {
    condition     = var.vault_lock == null || try(var.vault_lock.mode, "") != "compliance" || try(var.vault_lock.changeable_for_days >= 3, false)
    error_message = "vault_lock.changeable_for_days is missing or below 3: a compliance lock gives at least 3 days to change one's mind, and none after."
  }

  validation {
    condition     = var.vault_lock == null || try(var.vault_lock.mode, "") != "governance" || try(var.vault_lock.changeable_for_days, null) == null
    error_message = "vault_lock.changeable_for_days belongs to mode compliance: with it, governance would become compliance."
  }

  validation {
    condition = var.vault_lock == null || (
      try(var.vault_lock.min_retention_days >= 1, false) &&
      try(coalesce(var.vault_lock.max_retention_days, 36500) >= var.vault_lock.min_retention_days, false)
    )
    error_message = "vault_lock.max_retention_days is below min_retention_days, or that is below 1."
  }
}

variable "copy_retention_days" {
  description = "Days that the copy in the region of the provider aws.copy is kept; null makes no copy."
  type        = number
  default     = null

  validation {
    condition     = var.copy_retention_days == null || try(var.copy_retention_days >= 1 && var.copy_retention_days <= 36500 && floor(var.copy_retention_days) == var.copy_retention_days, false)
    error_message = "copy_retention_days is not a whole number of days from 1 to 36500."
  }

  validation {
    condition = var.copy_retention_days == null || var.vault_lock == null || (
      try(var.copy_retention_days >= var.vault_lock.min_retention_days, false) &&
      try(var.copy_retention_days <= coalesce(var.vault_lock.max_retention_days, 36500), false)
    )
    error_message = "copy_retention_days is outside what vault_lock allows: every copy would fail."
  }
}

variable "copy_kms_key_arn" {
  description = "Key of the copy's vault, in the region of the copy, where create_kms_key is false."
  type        = string
  default     = null

  validation {
    condition = (
      var.create_kms_key || var.copy_retention_days == null
      ? var.copy_kms_key_arn == null
      : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.copy_kms_key_arn))
    )
    error_message = "copy_kms_key_arn is given although there is no copy or create_kms_key is true, or is not the ARN of a key although it has to be: a key of another region cannot be used."
  }
}

variable "role_policy_arns" {
  description = "More policies for the role, for kinds of resource other than RDS and Aurora, such as arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Backup."
  type        = set(string)
  default     = []
}

variable "notification_topic_arn" {
  description = "Topic that hears of backups and copies that failed or were missed; null tells nobody."
  type        = string
  default     = null

  validation {
    condition     = var.notification_topic_arn == null || can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$", var.notification_topic_arn))
    error_message = "notification_topic_arn is not the ARN of an SNS topic."
  }
}

variable "notify" {
  description = "True tells notification_topic_arn; a value of its own, because an ARN is not known before the topic exists."
  type        = bool
  default     = false

  validation {
    condition     = !var.notify || var.notification_topic_arn != null
    error_message = "notify is true without notification_topic_arn: nobody would be told."
  }
}
