# Inputs: one database, its size, its protection and its copy in another region.
variable "name" {
  description = "Identifier of the database and beginning of the names of what belongs to it, such as shop-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,44}[a-z0-9])?$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 1 to 46 lower-case letters, digits and single hyphens, begin with a letter and not end with a hyphen (rules of Amazon RDS; NAME-replica-1 and NAME-rds-monitoring are made of it)."
  }
}

variable "tags" {
  description = "Tags of everything in the module, snapshots included."
  type        = map(string)
  default     = {}
}

variable "engine" {
  description = "postgres, mysql, mariadb (one instance of Amazon RDS), aurora-postgresql or aurora-mysql (a cluster)."
  type        = string

  validation {
    condition     = contains(["postgres", "mysql", "mariadb", "aurora-postgresql", "aurora-mysql"], var.engine)
    error_message = "engine must be postgres, mysql, mariadb, aurora-postgresql or aurora-mysql."
  }
}

variable "engine_version" {
  description = "Version as Amazon RDS writes it: a major version takes its newest minor one (17, 8.4, 11.8; for aurora-mysql 8.0.mysql_aurora.3.08.2 or 8.0)."
  type        = string

  validation {
    condition     = can(regex("^[0-9]+(\\.[0-9]+)*(\\.mysql_aurora\\.[0-9.]+)?$", var.engine_version))
    error_message = "engine_version must be a version such as 17, 17.6, 8.4 or 8.0.mysql_aurora.3.08.2."
  }

  validation {
    condition     = var.engine == "aurora-mysql" || !strcontains(var.engine_version, "aurora")
    error_message = "engine_version names a version of aurora-mysql, but engine is another."
  }
}

variable "parameter_group_family" {
  description = "Family of the parameter group; without it made of engine and major version (postgres17, mysql8.4, mariadb11.8, aurora-postgresql17, aurora-mysql8.0)."
  type        = string
  default     = null
}

variable "instance_class" {
  description = "Instance class, such as db.t4g.medium."
  type        = string

  validation {
    condition     = can(regex("^db\\.[a-z][a-z0-9-]*\\.(micro|small|medium|large|[0-9]*xlarge)(\\.tpc[0-9]\\.mem[0-9]x)?$", var.instance_class))
    error_message = "instance_class must be db.FAMILY.SIZE, such as db.t4g.medium."
  }

  validation {
    condition     = startswith(var.engine, "aurora-") ? can(regex("^db\\.(t3|t4g)\\.(medium|large)$|^db\\.[rx][0-9][a-z0-9-]*\\.", var.instance_class)) : true
    error_message = "Aurora runs on db.t3 or db.t4g (medium, large) and on the memory classes db.r… and db.x…: choose one of those, such as db.t4g.medium or db.r6g.large."
  }

  validation {
    condition     = startswith(var.engine, "aurora-") && var.replica != null ? can(regex("^db\\.[rx]", var.instance_class)) : true
    error_message = "A copy of an Aurora cluster in another region (global database) needs a memory class: choose db.r… or db.x…, such as db.r6g.large."
  }
}

variable "allocated_storage_gib" {
  description = "Storage in GiB to begin with; Aurora has none to choose."
  type        = number
  default     = 20

  validation {
    condition     = var.allocated_storage_gib >= 20 && var.allocated_storage_gib <= 65536 && floor(var.allocated_storage_gib) == var.allocated_storage_gib
    error_message = "allocated_storage_gib must be a whole number from 20 to 65536."
  }
}

variable "max_allocated_storage_gib" {
  description = "How far the storage grows by itself; 0 never. Without it, twice the first size and at least 100."
  type        = number
  default     = null

  validation {
    condition     = var.max_allocated_storage_gib == null ? true : var.max_allocated_storage_gib == 0 || var.max_allocated_storage_gib > var.allocated_storage_gib
    error_message = "max_allocated_storage_gib must be above allocated_storage_gib, or 0 for no growth."
  }
}

variable "multi_az" {
  description = "A standby in another zone that takes over (Aurora: a second instance that also reads)."
  type        = bool
  default     = true
}

variable "publicly_accessible" {
  description = "Always false: a database is reached from its network only. The variable exists so that asking for a public one is refused in words."
  type        = bool
  default     = false

  validation {
    condition     = var.publicly_accessible == false
    error_message = "publicly_accessible must be false: a database is never reachable from the internet. Reach it through the network, a bastion or Session Manager's port forwarding."
  }
}

variable "subnet_ids" {
  description = "Data subnets in at least two zones, without a way to the internet."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name data subnets in at least two zones (a rule of Amazon RDS)."
  }
}

variable "security_group_ids" {
  description = "Security groups that say who may connect."
  type        = list(string)

  validation {
    condition     = length(var.security_group_ids) > 0
    error_message = "security_group_ids must name at least one group: without one the database falls into the default group of the VPC."
  }
}

variable "port" {
  description = "Port; that of the engine without it (5432 or 3306)."
  type        = number
  default     = null

  validation {
    condition     = var.port == null ? true : var.port >= 1150 && var.port <= 65535
    error_message = "port must be from 1150 to 65535 (a rule of Amazon RDS)."
  }
}

variable "database_name" {
  description = "Name of the first database; none without it."
  type        = string
  default     = null

  validation {
    condition     = var.database_name == null ? true : can(regex("^[a-z][a-z0-9_]{0,62}$", var.database_name))
    error_message = "database_name must be 1 to 63 lower-case letters, digits and _ and begin with a letter."
  }
}

variable "master_username" {
  description = "Name of the master user; its password is made, kept and rotated by Amazon RDS in Secrets Manager."
  type        = string
  default     = "dbadmin"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,15}$", var.master_username)) && !contains(["admin", "postgres", "root", "rdsadmin"], var.master_username)
    error_message = "master_username must be 1 to 16 lower-case letters, digits and _, begin with a letter and be no reserved word (admin, postgres, root, rdsadmin)."
  }
}

variable "master_password" {
  description = "Password of the master user, only with a replica: Amazon RDS copies no database whose password it manages itself. It is written and never stored in the state (needs Terraform 1.11 or OpenTofu 1.11)."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = (var.replica == null) == (var.master_password == null)
    error_message = "master_password must be given with replica and only then: Amazon RDS manages the password itself, but not that of a database with a replica."
  }

  validation {
    condition     = var.master_password == null ? true : can(regex("^[!#-.0-?A-~]{16,41}$", var.master_password))
    error_message = "master_password must be 16 to 41 printable ASCII characters other than / \" @ and space."
  }
}

variable "master_password_version" {
  description = "Raise it to make Terraform write master_password again after it changed."
  type        = number
  default     = 1
}

variable "iam_authentication_enabled" {
  description = "Lets database users sign in by their IAM identity instead of a password."
  type        = bool
  default     = true
}

variable "deletion_protection" {
  description = "Refuses to be deleted, by Terraform too."
  type        = bool
  default     = true
}

variable "final_snapshot_enabled" {
  description = "Takes a snapshot (NAME-final) before the database is deleted."
  type        = bool
  default     = true
}

variable "backup_retention_days" {
  description = "How long automatic backups are kept; 0 takes none (Aurora keeps at least one day, and so does a database with a replica)."
  type        = number
  default     = 7

  validation {
    condition     = var.backup_retention_days >= 0 && var.backup_retention_days <= 35 && floor(var.backup_retention_days) == var.backup_retention_days
    error_message = "backup_retention_days must be a whole number from 0 to 35."
  }

  validation {
    condition     = var.backup_retention_days >= 1 || (!startswith(var.engine, "aurora-") && var.replica == null)
    error_message = "backup_retention_days must be at least 1 for Aurora and for a database with a replica."
  }
}

variable "backup_window" {
  description = "When automatic backups are taken, in UTC, at least 30 minutes: HH:MM-HH:MM, apart from the maintenance window."
  type        = string
  default     = "17:00-18:00"

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", var.backup_window))
    error_message = "backup_window must be HH:MM-HH:MM in UTC, such as 17:00-18:00."
  }
}

variable "maintenance_window" {
  description = "When Amazon RDS may patch, in UTC: ddd:HH:MM-ddd:HH:MM."
  type        = string
  default     = "sun:18:30-sun:19:30"

  validation {
    condition     = can(regex("^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$", var.maintenance_window))
    error_message = "maintenance_window must be ddd:HH:MM-ddd:HH:MM in UTC, such as sun:18:30-sun:19:30."
  }
}

variable "apply_immediately" {
  description = "Applies changes at once instead of in the maintenance window; some restart the database."
  type        = bool
  default     = false
}

variable "auto_minor_version_upgrade" {
  description = "Lets Amazon RDS install minor versions in the maintenance window."
  type        = bool
  default     = true
}

variable "performance_insights_retention_days" {
  description = "How long Performance Insights keeps its measurements: 7 (free), a number of months times 31, or 731; 0 switches it off, as do the smallest classes of mysql and mariadb, which do not have it."
  type        = number
  default     = 7

  validation {
    condition     = contains([0, 7, 731], var.performance_insights_retention_days) || (var.performance_insights_retention_days >= 31 && var.performance_insights_retention_days <= 713 && var.performance_insights_retention_days % 31 == 0)
    error_message = "performance_insights_retention_days must be 0, 7, 731 or a multiple of 31 up to 713."
  }
}

variable "enhanced_monitoring_seconds" {
  description = "How often the operating system is measured; 0 never."
  type        = number
  default     = 60

  validation {
    condition     = contains([0, 1, 5, 10, 15, 30, 60], var.enhanced_monitoring_seconds)
    error_message = "enhanced_monitoring_seconds must be 0, 1, 5, 10, 15, 30 or 60."
  }
}

variable "log_exports" {
  description = "Logs that go to CloudWatch; those of the engine that say something about errors, slow queries and upgrades without it."
  type        = list(string)
  default     = null

  validation {
    condition = var.log_exports == null ? true : alltrue([for log in var.log_exports : contains({
      postgres          = ["postgresql", "upgrade", "iam-db-auth-error"]
      mysql             = ["audit", "error", "general", "slowquery", "iam-db-auth-error"]
      mariadb           = ["audit", "error", "general", "slowquery", "iam-db-auth-error"]
      aurora-postgresql = ["postgresql", "iam-db-auth-error", "instance"]
      aurora-mysql      = ["audit", "error", "general", "slowquery", "iam-db-auth-error", "instance"]
    }[var.engine], log)])
    error_message = "log_exports must be logs of the engine: postgresql, upgrade, iam-db-auth-error for postgres; audit, error, general, slowquery, iam-db-auth-error for mysql and mariadb."
  }
}

variable "log_retention_days" {
  description = "How long those logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a number of days that CloudWatch has, such as 7, 30, 90 or 365."
  }
}

variable "parameters" {
  description = "Further parameters of the engine, by name, such as log_min_duration_statement = \"500\". Those that force TLS cannot be set."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.parameters), ["rds.force_ssl", "require_secure_transport"])) == 0
    error_message = "parameters must not set rds.force_ssl or require_secure_transport: connections are encrypted always."
  }
}

variable "replica" {
  description = "A copy in the region of the provider aws.replica that can be promoted there; null for none. instance_class is that of the database unless given."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
    instance_class     = optional(string)
    multi_az           = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.replica == null ? true : length(var.replica.subnet_ids) >= 2 && length(var.replica.security_group_ids) > 0
    error_message = "replica needs data subnets in at least two zones of its region and at least one security group there."
  }

  validation {
    condition     = try(var.replica.instance_class, null) == null ? true : can(regex("^db\\.[a-z][a-z0-9-]*\\.(micro|small|medium|large|[0-9]*xlarge)$", var.replica.instance_class))
    error_message = "replica.instance_class must be db.FAMILY.SIZE, such as db.r6g.large."
  }
}
