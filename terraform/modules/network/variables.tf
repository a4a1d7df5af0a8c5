# Inputs of the network: addresses, zones, ways out, logs, endpoints and who may talk to whom.

variable "name" {
  description = "Name of the VPC and prefix of everything in it, such as shop-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9][a-zA-Z0-9-]{0,199}$", var.name))
    error_message = "name must be letters, digits and hyphens, at most 200, and begin with a letter or a digit, such as shop-prod."
  }
}

variable "tags" {
  description = "Tags of everything that can carry them."
  type        = map(string)
  default     = {}
}

variable "vpc_cidr" {
  description = "Addresses of the VPC, /16 to /25. Subnets are cut out of it: half for private, a quarter each for public and data."
  type        = string

  validation {
    condition     = can(cidrsubnet(var.vpc_cidr, 0, 0)) && !strcontains(var.vpc_cidr, ":")
    error_message = "vpc_cidr must be an IPv4 network, such as 10.20.0.0/16."
  }

  validation {
    condition     = !can(cidrsubnet(var.vpc_cidr, 0, 0)) || try(cidrsubnet(var.vpc_cidr, 0, 0) == var.vpc_cidr, false)
    error_message = "vpc_cidr has bits behind its prefix; write the first address of the network, such as 10.20.0.0/16 instead of 10.20.1.0/16."
  }

  validation {
    condition     = try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 28, true)
    error_message = "vpc_cidr is no size that a VPC can have; write a network from /16 to /28."
  }

  validation {
    condition = try(
      tonumber(split("/", var.vpc_cidr)[1]) > 28 ||
      pow(2, min(3, 26 - tonumber(split("/", var.vpc_cidr)[1]))) >= (var.availability_zones == null ? var.zone_count : length(var.availability_zones)),
      true,
    )
    error_message = "vpc_cidr is too small for three tiers of subnets in that many zones, as a subnet has at least 16 addresses (/28): write /25 or larger for 2 zones, /24 for 3 or 4, /23 for 5 or 6."
  }
}

variable "zone_count" {
  description = "Availability zones to use, 2 to 6: the first of the region by name. Not looked at when availability_zones is given."
  type        = number
  default     = 2

  validation {
    condition     = var.zone_count >= 2 && var.zone_count <= 6 && floor(var.zone_count) == var.zone_count
    error_message = "zone_count must be a whole number from 2 to 6; one zone alone does not survive its loss, and a load balancer refuses it."
  }
}

variable "availability_zones" {
  description = "Availability zones by name, in the order of their subnets. Pins what zone_count would choose; add new ones at the end."
  type        = list(string)
  default     = null

  validation {
    condition     = var.availability_zones == null ? true : length(var.availability_zones) >= 2 && length(var.availability_zones) <= 6
    error_message = "availability_zones must name 2 to 6 zones."
  }

  validation {
    condition     = var.availability_zones == null ? true : length(distinct(var.availability_zones)) == length(var.availability_zones)
    error_message = "availability_zones names a zone twice; write each once."
  }
}

variable "nat" {
  description = "NAT gateways: none, one (cheap) or per-zone (survives the loss of a zone)."
  type        = string
  default     = "one"

  validation {
    condition     = contains(["none", "one", "per-zone"], var.nat)
    error_message = "nat must be none, one or per-zone."
  }
}

variable "public_subnet_tags" {
  description = "More tags of the public subnets, such as kubernetes.io/role/elb = 1."
  type        = map(string)
  default     = {}
}

variable "private_subnet_tags" {
  description = "More tags of the private subnets, such as kubernetes.io/role/internal-elb = 1."
  type        = map(string)
  default     = {}
}

variable "flow_logs" {
  description = "Keeps a log of all connections in CloudWatch."
  type        = bool
  default     = true
}

variable "flow_log_group_name" {
  description = "Log group of the flow logs; /NAME/flow-logs without it."
  type        = string
  default     = null

  validation {
    condition     = var.flow_log_group_name == null ? true : can(regex("^[a-zA-Z0-9_/.#-]{1,512}$", var.flow_log_group_name))
    error_message = "flow_log_group_name must be 1 to 512 letters, digits and the signs _ / . # -, such as /shop/prod/flow-logs."
  }
}

variable "flow_log_role_name" {
  description = "Name of the role that writes the flow logs, at most 64 characters; NAME-flow-logs without it."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^[a-zA-Z0-9+=,.@_-]{1,64}$", var.flow_log_role_name == null ? "${var.name}-flow-logs" : var.flow_log_role_name))
    error_message = "flow_log_role_name, or NAME-flow-logs without it, must be 1 to 64 letters, digits and the signs + = , . @ _ -; give a shorter one."
  }
}

variable "flow_log_retention_days" {
  description = "How long flow logs are kept; 0 keeps them for ever."
  type        = number
  default     = 30

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.flow_log_retention_days)
    error_message = "flow_log_retention_days must be a number that CloudWatch has: 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "flow_log_kms_key_arn" {
  description = "KMS key that encrypts the flow logs; its policy must admit the logs service. Without it CloudWatch encrypts with a key of its own."
  type        = string
  default     = null

  validation {
    condition     = var.flow_log_kms_key_arn == null ? true : can(regex("^arn:aws[a-z-]*:kms:", var.flow_log_kms_key_arn))
    error_message = "flow_log_kms_key_arn must be the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID."
  }
}

variable "interface_endpoints" {
  description = "AWS services reached inside the VPC instead of over NAT, by the short names of their endpoints. Each costs by the hour and zone; the S3 gateway endpoint is free and always there."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for service in var.interface_endpoints : can(regex("^[a-z0-9][a-z0-9.-]*$", service)) && !startswith(service, "com.amazonaws.")])
    error_message = "interface_endpoints are short names without com.amazonaws.REGION in front, such as ecr.api, ecr.dkr, logs, secretsmanager, sts, ssm."
  }

  validation {
    condition     = contains(var.interface_endpoints, "ecr.api") == contains(var.interface_endpoints, "ecr.dkr")
    error_message = "interface_endpoints needs both ecr.api and ecr.dkr: an image is pulled through the two of them."
  }
}

variable "load_balancer_internal" {
  description = "True when the load balancer is reached from inside the VPC only: then its ports are open to load_balancer_source_cidrs instead of the world."
  type        = bool
  default     = false
}

variable "load_balancer_source_cidrs" {
  description = "Networks, beside the VPC itself, that reach an internal load balancer at 80 and 443, such as those of a VPN."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.load_balancer_source_cidrs : can(cidrnetmask(cidr)) && try(tonumber(split("/", cidr)[1]) >= 8, false)])
    error_message = "load_balancer_source_cidrs must be IPv4 networks of /8 or smaller; an internal load balancer is not for the world."
  }
}

variable "test_port" {
  description = "Port of the test listener, where the idle color is verified; null opens none."
  type        = number
  default     = 8443

  validation {
    condition     = var.test_port == null ? true : var.test_port >= 1 && var.test_port <= 65535 && !contains([80, 443], var.test_port)
    error_message = "test_port must be a port from 1 to 65535 other than 80 and 443, which users reach."
  }
}

variable "test_source_cidrs" {
  description = "Networks, beside the VPC itself, that reach the test listener: where verification runs. Never the world."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.test_source_cidrs : can(cidrnetmask(cidr)) && try(tonumber(split("/", cidr)[1]) >= 8, false)])
    error_message = "test_source_cidrs must be IPv4 networks of /8 or smaller, such as 203.0.113.7/32: a preview is never open to the world."
  }
}

variable "service_ports" {
  description = "Ports that services listen on; open to the load balancer and to the services themselves."
  type        = set(number)
  default     = [3000]

  validation {
    condition     = alltrue([for port in var.service_ports : port >= 1 && port <= 65535])
    error_message = "service_ports must be ports from 1 to 65535."
  }
}

variable "service_egress" {
  description = "Where services may connect to beside each other and the database, by name: a network and its TCP ports. The default lets them reach AWS and image registries."
  type = map(object({
    cidr  = string
    ports = set(number)
  }))
  default = {
    https = { cidr = "0.0.0.0/0", ports = [443] }
  }

  validation {
    condition     = alltrue([for egress in var.service_egress : can(cidrnetmask(egress.cidr))])
    error_message = "service_egress: cidr must be an IPv4 network, such as 10.20.64.0/18."
  }

  validation {
    condition     = alltrue(flatten([for egress in var.service_egress : [for port in egress.ports : port >= 1 && port <= 65535]]))
    error_message = "service_egress: ports must be from 1 to 65535."
  }

  validation {
    condition = (
      length(distinct(flatten([for egress in var.service_egress : [for port in egress.ports : "${egress.cidr}:${port}"]]))) ==
      length(flatten([for egress in var.service_egress : [for port in egress.ports : port]]))
    )
    error_message = "service_egress: two names have the same network and port; AWS takes a rule once."
  }
}

variable "shared_load_balancer_security_group_ids" {
  description = "Security groups of load balancers made elsewhere that reach the services, by a name of your choice. For a listener that several projects share."
  type        = map(string)
  default     = {}
}

variable "database_port" {
  description = "Port of the database, open to services only; null when there is no database."
  type        = number
  default     = null

  validation {
    condition     = var.database_port == null ? true : var.database_port >= 1 && var.database_port <= 65535
    error_message = "database_port must be a port from 1 to 65535, such as 5432 for PostgreSQL or 3306 for MySQL."
  }
}

variable "database_client_security_group_ids" {
  description = "More security groups that reach the database, by a name of your choice, such as that of a Kubernetes cluster's nodes."
  type        = map(string)
  default     = {}
}
