# Who may talk to whom: load balancer → services → database, and nothing around them.

locals {
  # A request from inside to the public name of a load balancer leaves through NAT and comes back from there.
  nat_sources = var.load_balancer_internal ? {} : { for zone, address in aws_eip.nat : "nat-${zone}" => "${address.public_ip}/32" }

  test_sources = var.test_port == null ? {} : merge(
    { vpc = var.vpc_cidr },
    { for cidr in var.test_source_cidrs : cidr => cidr if cidr != var.vpc_cidr },
    local.nat_sources,
  )

  user_sources = var.load_balancer_internal ? merge(
    { vpc = var.vpc_cidr },
    { for cidr in var.load_balancer_source_cidrs : cidr => cidr if cidr != var.vpc_cidr },
  ) : { world = "0.0.0.0/0" }

  user_rules = merge([
    for port in [80, 443] : {
      for source, cidr in local.user_sources : "${port}-${source}" => { port = port, source = source, cidr = cidr }
    }
  ]...)

  service_ports = { for port in var.service_ports : tostring(port) => port }

  shared_rules = merge([
    for port in var.service_ports : {
      for name, id in var.shared_load_balancer_security_group_ids : "${port}-${name}" => { port = port, name = name, id = id }
    }
  ]...)

  egress_rules = merge([
    for name, egress in var.service_egress : {
      for port in egress.ports : "${name}-${port}" => { port = port, name = name, cidr = egress.cidr }
    }
  ]...)

  database_ports = var.database_port == null ? {} : { database = var.database_port }
}

resource "aws_security_group" "load_balancer" {
  name        = "${var.name}-load-balancer"
  description = "Load balancer of ${var.name}"
  vpc_id      = aws_vpc.this.id
  tags        = merge(var.tags, { Name = "${var.name}-load-balancer" })
}

resource "aws_vpc_security_group_ingress_rule" "load_balancer_users" {
  for_each = local.user_rules

  security_group_id = aws_security_group.load_balancer.id
  description       = "Users from ${each.value.source}"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
  tags              = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "load_balancer_test" {
  for_each = local.test_sources

  security_group_id = aws_security_group.load_balancer.id
  description       = "Verification of the idle color from ${each.key}"
  ip_protocol       = "tcp"
  from_port         = var.test_port
  to_port           = var.test_port
  cidr_ipv4         = each.value
  tags              = var.tags
}

resource "aws_vpc_security_group_egress_rule" "load_balancer_services" {
  for_each = local.service_ports

  security_group_id            = aws_security_group.load_balancer.id
  description                  = "Requests and health checks to services"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  referenced_security_group_id = aws_security_group.service.id
  tags                         = var.tags
}

resource "aws_security_group" "service" {
  name        = "${var.name}-service"
  description = "Services of ${var.name}"
  vpc_id      = aws_vpc.this.id
  tags        = merge(var.tags, { Name = "${var.name}-service" })
}

resource "aws_vpc_security_group_ingress_rule" "service_load_balancer" {
  for_each = local.service_ports

  security_group_id            = aws_security_group.service.id
  description                  = "Requests and health checks from the load balancer"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  referenced_security_group_id = aws_security_group.load_balancer.id
  tags                         = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "service_shared_load_balancer" {
  for_each = local.shared_rules

  security_group_id            = aws_security_group.service.id
  description                  = "Requests and health checks from the load balancer ${each.value.name}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  referenced_security_group_id = each.value.id
  tags                         = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "service_service" {
  for_each = local.service_ports

  security_group_id            = aws_security_group.service.id
  description                  = "Calls from other services"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  referenced_security_group_id = aws_security_group.service.id
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "service_service" {
  for_each = local.service_ports

  security_group_id            = aws_security_group.service.id
  description                  = "Calls to other services"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  referenced_security_group_id = aws_security_group.service.id
  tags                         = var.tags
}

# Services that have no route of their own to each other call through the internal load balancer.
resource "aws_vpc_security_group_egress_rule" "service_load_balancer" {
  for_each = var.load_balancer_internal ? { for port in [80, 443] : tostring(port) => port } : {}

  security_group_id            = aws_security_group.service.id
  description                  = "Calls through the internal load balancer"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  referenced_security_group_id = aws_security_group.load_balancer.id
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "service_database" {
  for_each = local.database_ports

  security_group_id            = aws_security_group.service.id
  description                  = "Queries to the database"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  referenced_security_group_id = aws_security_group.database.id
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "service_s3" {
  security_group_id = aws_security_group.service.id
  description       = "Image layers from S3"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = aws_vpc_endpoint.s3.prefix_list_id
  tags              = var.tags
}

resource "aws_vpc_security_group_egress_rule" "service_endpoints" {
  count = length(var.interface_endpoints) > 0 ? 1 : 0

  security_group_id            = aws_security_group.service.id
  description                  = "AWS services over their endpoints"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.endpoint.id
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "service_outside" {
  for_each = local.egress_rules

  security_group_id = aws_security_group.service.id
  description       = "Connections to ${each.value.name}"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
  tags              = var.tags
}

resource "aws_security_group" "database" {
  name        = "${var.name}-database"
  description = "Database of ${var.name}"
  vpc_id      = aws_vpc.this.id
  tags        = merge(var.tags, { Name = "${var.name}-database" })
}

resource "aws_vpc_security_group_ingress_rule" "database_service" {
  for_each = local.database_ports

  security_group_id            = aws_security_group.database.id
  description                  = "Queries from services"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  referenced_security_group_id = aws_security_group.service.id
  tags                         = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "database_client" {
  for_each = var.database_port == null ? {} : var.database_client_security_group_ids

  security_group_id            = aws_security_group.database.id
  description                  = "Queries from ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = var.database_port
  to_port                      = var.database_port
  referenced_security_group_id = each.value
  tags                         = var.tags
}

resource "aws_security_group" "endpoint" {
  name        = "${var.name}-endpoint"
  description = "Endpoints of AWS services in ${var.name}"
  vpc_id      = aws_vpc.this.id
  tags        = merge(var.tags, { Name = "${var.name}-endpoint" })
}

# From the whole VPC: the private names hold for everything in it, so whoever is left out could not reach the service at all.
resource "aws_vpc_security_group_ingress_rule" "endpoint_vpc" {
  security_group_id = aws_security_group.endpoint.id
  description       = "Calls of AWS services from inside"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = var.vpc_cidr
  tags              = var.tags
}
