# Inputs of the load balancer: listeners, certificate, and for each service its target groups and rules.

variable "name" {
  description = "Name of the load balancer, such as shop-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$", var.name)) && !startswith(var.name, "internal-")
    error_message = "name must be at most 32 letters, digits and hyphens, without a hyphen at either end, and must not begin with internal-."
  }
}

variable "tags" {
  description = "Tags of everything that can carry them."
  type        = map(string)
  default     = {}
}

variable "vpc_id" {
  description = "VPC of the target groups."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the load balancer in at least two zones: public ones, or private ones when it is internal. Not needed with listener_arn."
  type        = list(string)
  default     = []

  validation {
    condition     = var.listener_arn != null || length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name at least 2 subnets in different zones; AWS refuses an application load balancer in one zone."
  }
}

variable "security_group_ids" {
  description = "Security groups of the load balancer. Not needed with listener_arn."
  type        = list(string)
  default     = []

  validation {
    condition     = var.listener_arn != null || length(var.security_group_ids) >= 1
    error_message = "security_group_ids must name at least one security group, else the VPC's default one is taken."
  }
}

variable "internal" {
  description = "True: reached from inside the VPC only. False: faces the internet."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "AWS refuses to delete the load balancer while this is true."
  type        = bool
  default     = true
}

variable "idle_timeout_seconds" {
  description = "Time after which a connection without traffic is closed. Services must keep theirs open longer, else some requests end with 502."
  type        = number
  default     = 60

  validation {
    condition     = var.idle_timeout_seconds >= 1 && var.idle_timeout_seconds <= 4000
    error_message = "idle_timeout_seconds must be from 1 to 4000."
  }
}

variable "access_logs" {
  description = "Bucket, and prefix in it, that a line for every request is written to; the bucket's policy must admit the load balancer. null writes none."
  type = object({
    bucket = string
    prefix = optional(string)
  })
  default = null
}

variable "listener_arn" {
  description = "ARN of an existing HTTPS listener to share; then no load balancer is made. Must be known when planning."
  type        = string
  default     = null

  validation {
    condition     = var.listener_arn == null ? true : can(regex("^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:listener/app/", var.listener_arn))
    error_message = "listener_arn must be the ARN of a listener of an application load balancer, arn:aws:elasticloadbalancing:REGION:ACCOUNT:listener/app/NAME/ID/ID."
  }
}

variable "test_listener_arn" {
  description = "ARN of an existing listener for the rules that reach a color by header; only together with listener_arn, and may be the same (then test_source_cidrs is needed). Must be known when planning."
  type        = string
  default     = null

  validation {
    condition     = var.test_listener_arn == null ? true : can(regex("^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:listener/app/", var.test_listener_arn))
    error_message = "test_listener_arn must be the ARN of a listener of an application load balancer, arn:aws:elasticloadbalancing:REGION:ACCOUNT:listener/app/NAME/ID/ID."
  }

  validation {
    condition     = var.test_listener_arn == null || var.listener_arn != null
    error_message = "test_listener_arn goes together with listener_arn; a load balancer made here gets a test listener of its own at test_port."
  }

  validation {
    condition     = var.test_listener_arn == null || var.test_listener_arn != var.listener_arn || length(var.test_source_cidrs) > 0
    error_message = "test_listener_arn is the listener that users reach: name in test_source_cidrs from where previews may be asked for, else anybody who knows the header sees them."
  }
}

variable "test_port" {
  description = "Port of the test listener, which reaches a color by header; null makes none. Not looked at with listener_arn."
  type        = number
  default     = 8443

  validation {
    condition     = var.test_port == null ? true : var.test_port >= 1 && var.test_port <= 65535 && !contains([80, 443], var.test_port)
    error_message = "test_port must be a port from 1 to 65535 other than 80 and 443, which users reach."
  }
}

variable "test_source_cidrs" {
  description = "Networks that test rules answer to, written into the rules themselves; empty leaves that to the security group. At most 3, as a rule has 5 values."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.test_source_cidrs) <= 3
    error_message = "test_source_cidrs holds at most 3 networks: a rule has 5 values in all, and 2 are taken by headers."
  }

  validation {
    condition     = alltrue([for cidr in var.test_source_cidrs : can(cidrnetmask(cidr)) && try(tonumber(split("/", cidr)[1]) >= 8, false)])
    error_message = "test_source_cidrs must be IPv4 networks of /8 or smaller, such as 203.0.113.7/32: a preview is never open to the world."
  }
}

variable "certificate_arn" {
  description = "ACM certificate of the HTTPS listener; without it dns asks for one. Must be known when planning."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null ? true : can(regex("^arn:aws[a-z-]*:(acm|iam):", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of a certificate, arn:aws:acm:REGION:ACCOUNT:certificate/ID, in the region of the load balancer."
  }

  validation {
    condition     = var.certificate_arn != null || var.dns != null || var.allow_plain_http || var.listener_arn != null
    error_message = "without certificate_arn or dns there is no certificate for HTTPS: give one of them, or set allow_plain_http for a development environment."
  }

  validation {
    condition     = var.certificate_arn != null || var.allow_plain_http || (var.dns == null ? true : !var.dns.private_zone)
    error_message = "a certificate can't be validated in a private zone (dns): give certificate_arn, or set allow_plain_http for a development environment."
  }
}

variable "dns" {
  description = "Names of the load balancer in a Route 53 zone: host, other_hosts, and the zone that they are written to. Without certificate_arn a certificate for all of them is asked for and validated. private_zone says that the zone is private: then no certificate can be validated."
  type = object({
    host         = string
    other_hosts  = optional(set(string), [])
    zone_id      = string
    private_zone = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.dns == null ? true : alltrue([for host in setunion([var.dns.host], var.dns.other_hosts) : can(regex("^(\\*\\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", host))])
    error_message = "dns: host and other_hosts must be host names in small letters, such as shop.example.com or *.example.com."
  }

  validation {
    condition     = var.dns == null ? true : !startswith(var.dns.host, "*.")
    error_message = "dns: host is the one name that users are told; write *.example.com to other_hosts."
  }

  validation {
    condition     = var.dns == null || var.listener_arn == null
    error_message = "dns belongs to a load balancer that is made here; the names of a shared listener are its owner's."
  }
}

variable "allow_plain_http" {
  description = "Without a certificate, serves plain HTTP at port 80 instead of failing. For development only."
  type        = bool
  default     = false
}

variable "ssl_policy" {
  description = "TLS versions and ciphers of the HTTPS listeners."
  type        = string
  default     = "ELBSecurityPolicy-TLS13-1-2-2021-06"

  validation {
    condition     = can(regex("^ELBSecurityPolicy-(TLS13-1-[23]-|FS-1-2-|TLS-1-2-)", var.ssl_policy))
    error_message = "ssl_policy must be one that begins at TLS 1.2 or 1.3, such as ELBSecurityPolicy-TLS13-1-2-2021-06."
  }
}

variable "services" {
  description = <<-EOT
    Services by name. Each gets a blue and a green target group, and a rule that shares requests between them:
    - target_group_names: ready-made, at most 32 characters each.
    - port: port of the container or instance. target_type: ip (awsvpc tasks, pods) or instance (auto scaling groups).
    - grace_seconds: how long a target may finish its requests after it was taken off.
    - slow_start_seconds: 0, or 30 to 900 during which a new target gets a growing share.
    - sticky_color_seconds, sticky_target_seconds: how long a user keeps the color, and the very target; 0 does not.
    - rules: by name, priority (1 to 50000), and at least one host or path pattern.
    - test_priorities: priorities of the two test rules; null leaves the service without a preview.
  EOT
  type = map(object({
    target_group_names    = object({ blue = string, green = string })
    port                  = number
    target_type           = optional(string, "ip")
    grace_seconds         = optional(number, 30)
    slow_start_seconds    = optional(number, 0)
    sticky_color_seconds  = optional(number, 0)
    sticky_target_seconds = optional(number, 0)
    health_check = optional(object({
      path                = optional(string, "/health")
      interval_seconds    = optional(number, 10)
      timeout_seconds     = optional(number, 5)
      healthy_threshold   = optional(number, 2)
      unhealthy_threshold = optional(number, 3)
      matcher             = optional(string, "200-399")
    }), {})
    rules = optional(map(object({
      priority = number
      hosts    = optional(list(string), [])
      paths    = optional(list(string), [])
    })), {})
    test_priorities = optional(object({ blue = number, green = number }))
  }))
  default = {}

  validation {
    condition = alltrue(flatten([for service in var.services : [
      for target_group in values(service.target_group_names) : can(regex("^[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$", target_group))
    ]]))
    error_message = "services: target_group_names must be at most 32 letters, digits and hyphens each, without a hyphen at either end."
  }

  validation {
    condition     = length(distinct(flatten([for service in var.services : values(service.target_group_names)]))) == 2 * length(var.services)
    error_message = "services: each of target_group_names must be used once; blue and green of a service need a group each."
  }

  validation {
    condition     = alltrue([for service in var.services : service.port >= 1 && service.port <= 65535])
    error_message = "services: port must be from 1 to 65535."
  }

  validation {
    condition     = alltrue([for service in var.services : contains(["ip", "instance"], service.target_type)])
    error_message = "services: target_type must be ip (for awsvpc tasks and pods) or instance (for auto scaling groups)."
  }

  validation {
    condition     = alltrue([for service in var.services : service.grace_seconds >= 0 && service.grace_seconds <= 3600])
    error_message = "services: grace_seconds must be from 0 to 3600."
  }

  validation {
    condition     = alltrue([for service in var.services : service.slow_start_seconds == 0 || (service.slow_start_seconds >= 30 && service.slow_start_seconds <= 900)])
    error_message = "services: slow_start_seconds must be 0 (off) or from 30 to 900."
  }

  validation {
    condition = alltrue(flatten([for service in var.services : [
      for seconds in [service.sticky_color_seconds, service.sticky_target_seconds] : seconds >= 0 && seconds <= 604800
    ]]))
    error_message = "services: sticky_color_seconds and sticky_target_seconds must be 0 (off) or up to 604800 (a week)."
  }

  validation {
    condition     = alltrue([for service in var.services : service.sticky_target_seconds == 0 || service.sticky_color_seconds > 0])
    error_message = "services: sticky_target_seconds needs sticky_color_seconds: AWS refuses a rule over two groups that keeps the target but not the group."
  }

  validation {
    condition     = alltrue([for service in var.services : startswith(service.health_check.path, "/") && length(service.health_check.path) <= 1024])
    error_message = "services: health_check.path must begin with / and have at most 1024 characters, such as /health."
  }

  validation {
    condition = alltrue([for service in var.services :
      service.health_check.interval_seconds >= 5 && service.health_check.interval_seconds <= 300 &&
      service.health_check.timeout_seconds >= 2 && service.health_check.timeout_seconds <= 120 &&
      service.health_check.timeout_seconds < service.health_check.interval_seconds
    ])
    error_message = "services: health_check.interval_seconds must be from 5 to 300, and timeout_seconds from 2 to 120 and shorter than the interval."
  }

  validation {
    condition = alltrue(flatten([for service in var.services : [
      for threshold in [service.health_check.healthy_threshold, service.health_check.unhealthy_threshold] : threshold >= 2 && threshold <= 10
    ]]))
    error_message = "services: health_check.healthy_threshold and unhealthy_threshold must be from 2 to 10."
  }

  validation {
    condition     = alltrue([for service in var.services : can(regex("^[2-4][0-9]{2}([-,][2-4][0-9]{2})*$", service.health_check.matcher))])
    error_message = "services: health_check.matcher must be statuses from 200 to 499, such as 200, 200,302 or 200-399."
  }

  validation {
    condition     = alltrue(flatten([for service in var.services : [for rule in service.rules : rule.priority >= 1 && rule.priority <= 50000 && floor(rule.priority) == rule.priority]]))
    error_message = "services: the priority of a rule must be a whole number from 1 to 50000."
  }

  validation {
    condition = (
      length(distinct(flatten([for service in var.services : [for rule in service.rules : rule.priority]]))) ==
      length(flatten([for service in var.services : [for rule in service.rules : rule.priority]]))
    )
    error_message = "services: two rules have the same priority; a listener has each once."
  }

  validation {
    condition     = alltrue(flatten([for service in var.services : [for rule in service.rules : length(rule.hosts) + length(rule.paths) >= 1 && length(rule.hosts) + length(rule.paths) <= 5]]))
    error_message = "services: a rule has from 1 to 5 hosts and paths together; write more of them as more rules."
  }

  validation {
    condition = alltrue(flatten([for service in var.services : [
      for rule in service.rules : length(regexall("[*?]", join("", concat(rule.hosts, rule.paths)))) <= 6
    ]]))
    error_message = "services: a rule has at most 6 of the signs * and ?; write more of them as more rules."
  }

  validation {
    condition     = alltrue(flatten([for service in var.services : [for rule in service.rules : [for path in rule.paths : can(regex("^[/*]", path)) && length(path) <= 128]]]))
    error_message = "services: a path of a rule begins with / and has at most 128 characters, such as /api or /api/*."
  }

  validation {
    condition     = alltrue(flatten([for service in var.services : [for rule in service.rules : [for host in rule.hosts : can(regex("^[a-zA-Z0-9*?.-]{1,128}$", host))]]]))
    error_message = "services: a host of a rule has at most 128 letters, digits and the signs . - * ?, such as shop.example.com."
  }

  validation {
    condition = alltrue(flatten([for service in var.services : [
      for priority in service.test_priorities == null ? [] : values(service.test_priorities) : priority >= 1 && priority <= 50000 && floor(priority) == priority
    ]]))
    error_message = "services: test_priorities must be whole numbers from 1 to 50000."
  }

  validation {
    condition = (
      length(distinct(flatten([for service in var.services : service.test_priorities == null ? [] : values(service.test_priorities)]))) ==
      length(flatten([for service in var.services : service.test_priorities == null ? [] : values(service.test_priorities)]))
    )
    error_message = "services: two test rules have the same priority; a listener has each once."
  }

  validation {
    condition     = var.listener_arn != null || var.test_port == null || alltrue([for service in var.services : service.test_priorities != null])
    error_message = "services: test_priorities is missing; the test listener needs a priority for each color of each service."
  }

  validation {
    condition = alltrue([for service in var.services :
      length(service.rules) > 0 || (service.test_priorities != null && (var.listener_arn == null ? var.test_port != null : var.test_listener_arn != null))
    ])
    error_message = "services: a service has neither rules nor a test listener; then no rule refers to its target groups, and AWS neither checks their health nor lets a service use them."
  }
}
