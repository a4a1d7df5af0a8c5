# What the network looks like: addresses, ways out, logs, endpoints, and who may talk to whom.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = {
      names = ["ap-northeast-1d", "ap-northeast-1a", "ap-northeast-1c"]
    }
  }

  mock_data "aws_region" {
    defaults = {
      name = "ap-northeast-1"
    }
  }

  mock_data "aws_caller_identity" {
    defaults = {
      account_id = "111122223333"
    }
  }

  mock_data "aws_partition" {
    defaults = {
      partition = "aws"
    }
  }

  mock_resource "aws_eip" {
    defaults = {
      public_ip = "198.51.100.10"
    }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = {
      arn = "arn:aws:logs:ap-northeast-1:111122223333:log-group:/shop-prod/flow-logs"
    }
  }

  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::111122223333:role/shop-prod-flow-logs"
    }
  }
}

variables {
  name     = "shop-prod"
  vpc_cidr = "10.20.0.0/16"
}

run "two_zones_in_three_tiers" {
  command = plan

  assert {
    condition     = output.zones == tolist(["ap-northeast-1a", "ap-northeast-1c"])
    error_message = "The first zones by name should be taken, got ${join(", ", output.zones)}."
  }

  assert {
    condition = output.subnet_cidrs == {
      private = { ap-northeast-1a = "10.20.0.0/20", ap-northeast-1c = "10.20.16.0/20" }
      public  = { ap-northeast-1a = "10.20.128.0/21", ap-northeast-1c = "10.20.136.0/21" }
      data    = { ap-northeast-1a = "10.20.192.0/21", ap-northeast-1c = "10.20.200.0/21" }
    }
    error_message = "Half of the addresses should be private, a quarter each public and data: ${jsonencode(output.subnet_cidrs)}."
  }

  assert {
    condition     = alltrue([for subnet in merge(aws_subnet.public, aws_subnet.private, aws_subnet.data) : subnet.map_public_ip_on_launch != true])
    error_message = "Nothing should get a public address by itself."
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.private_internet) == 2
    error_message = "One NAT gateway should serve the private subnets of both zones."
  }
}

run "another_zone_moves_no_subnet" {
  command = plan

  variables {
    zone_count = 3
  }

  assert {
    condition     = output.subnet_cidrs.private.ap-northeast-1a == "10.20.0.0/20" && output.subnet_cidrs.data.ap-northeast-1c == "10.20.200.0/21"
    error_message = "A third zone should leave the subnets of the first two where they are."
  }
}

run "named_zones_keep_their_order" {
  command = plan

  variables {
    availability_zones = ["ap-northeast-1d", "ap-northeast-1a"]
  }

  assert {
    condition     = output.subnet_cidrs.private.ap-northeast-1d == "10.20.0.0/20" && length(data.aws_availability_zones.region) == 0
    error_message = "Zones that are named should be taken in their order, without asking AWS."
  }
}

run "smallest_network_that_fits" {
  command = plan

  variables {
    vpc_cidr = "10.20.0.0/25"
  }

  assert {
    condition     = output.subnet_cidrs.private.ap-northeast-1c == "10.20.0.32/27" && output.subnet_cidrs.data.ap-northeast-1c == "10.20.0.112/28"
    error_message = "A /25 should hold two zones: ${jsonencode(output.subnet_cidrs)}."
  }
}

run "gateway_in_each_zone" {
  command = plan

  variables {
    zone_count = 3
    nat        = "per-zone"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(aws_eip.nat) == 3
    error_message = "Each zone should have a NAT gateway and an address of its own."
  }
}

run "no_way_out_without_nat" {
  command = plan

  variables {
    nat = "none"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_route.private_internet) == 0 && length(aws_route_table.private) == 2
    error_message = "Without NAT the private subnets should have tables but no route to the internet."
  }
}

run "default_security_group_is_closed" {
  command = plan

  assert {
    condition     = length(aws_default_security_group.closed.ingress) == 0 && length(aws_default_security_group.closed.egress) == 0
    error_message = "The default security group should let nothing in or out."
  }
}

run "only_users_ports_are_open_to_the_world" {
  command = plan

  variables {
    database_port     = 5432
    test_source_cidrs = ["203.0.113.7/32", "10.20.0.0/16"]
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.load_balancer_users : "${rule.from_port}-${rule.to_port} ${rule.cidr_ipv4}"]) == toset(["80-80 0.0.0.0/0", "443-443 0.0.0.0/0"])
    error_message = "An internet-facing load balancer should be open to the world at 80 and 443, and nothing else."
  }

  assert {
    condition     = toset(keys(aws_vpc_security_group_ingress_rule.load_balancer_test)) == toset(["vpc", "203.0.113.7/32", "nat-ap-northeast-1a"])
    error_message = "The test port should be open to the VPC, its own public addresses and the named networks."
  }

  assert {
    condition     = alltrue([for key in ["vpc", "203.0.113.7/32"] : aws_vpc_security_group_ingress_rule.load_balancer_test[key].cidr_ipv4 != "0.0.0.0/0"])
    error_message = "The test port should not be open to the world."
  }

  assert {
    condition = alltrue([
      for rule in concat(
        values(aws_vpc_security_group_ingress_rule.service_load_balancer),
        values(aws_vpc_security_group_ingress_rule.service_service),
        values(aws_vpc_security_group_ingress_rule.database_service),
      ) : rule.cidr_ipv4 == null
    ])
    error_message = "Services and the database should be open to security groups, not to addresses."
  }

  assert {
    condition     = [for rule in aws_vpc_security_group_ingress_rule.database_service : rule.from_port] == [5432]
    error_message = "The database should be open at its port."
  }
}

run "database_is_reached_from_services_only" {
  # Applied, since the IDs that are compared are known only then.
  variables {
    database_port                      = 5432
    database_client_security_group_ids = { nodes = "sg-0123456789abcdef0" }
  }

  assert {
    condition = toset([
      for rule in concat(values(aws_vpc_security_group_ingress_rule.database_service), values(aws_vpc_security_group_ingress_rule.database_client)) :
      "${rule.security_group_id} from ${rule.referenced_security_group_id}"
      ]) == toset([
      "${aws_security_group.database.id} from ${aws_security_group.service.id}",
      "${aws_security_group.database.id} from sg-0123456789abcdef0",
    ])
    error_message = "The database should be reached from services and named groups only."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.load_balancer_test["nat-ap-northeast-1a"].cidr_ipv4 == "198.51.100.10/32"
    error_message = "A service that calls the public name of its own load balancer comes from the NAT gateway's address."
  }

  assert {
    condition     = alltrue(flatten([for statement in jsondecode(aws_iam_role_policy.flow[0].policy).Statement : [for resource in statement.Resource : startswith(resource, aws_cloudwatch_log_group.flow[0].arn)]]))
    error_message = "The role should write to the one log group only."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.service_load_balancer : rule.referenced_security_group_id == aws_security_group.load_balancer.id])
    error_message = "Services should be reached from the load balancer."
  }

  assert {
    condition     = alltrue([for route in aws_route.private_internet : route.nat_gateway_id == aws_nat_gateway.this["ap-northeast-1a"].id])
    error_message = "Both private subnets should leave by the one gateway."
  }

  assert {
    condition     = alltrue([for association in aws_route_table_association.data : association.route_table_id == aws_route_table.data.id]) && aws_route.public_internet.route_table_id != aws_route_table.data.id
    error_message = "Data subnets should have a table without a route to the internet."
  }
}

run "no_database_no_rule" {
  command = plan

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.database_service) == 0 && length(aws_vpc_security_group_egress_rule.service_database) == 0
    error_message = "Without a database nothing should be open to one."
  }
}

run "internal_load_balancer_is_not_open_to_the_world" {
  command = plan

  variables {
    load_balancer_internal     = true
    load_balancer_source_cidrs = ["10.99.0.0/16", "10.20.0.0/16"]
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.load_balancer_users : rule.cidr_ipv4]) == toset(["10.20.0.0/16", "10.99.0.0/16"])
    error_message = "An internal load balancer should be open to the VPC and the named networks only."
  }

  assert {
    condition     = toset(keys(aws_vpc_security_group_ingress_rule.load_balancer_test)) == toset(["vpc"])
    error_message = "Requests to an internal load balancer do not come from public addresses."
  }
}

run "services_connect_only_where_they_are_let" {
  command = plan

  variables {
    service_egress = { partner = { cidr = "198.51.100.0/24", ports = [443, 8443] } }
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_egress_rule.service_outside : "${rule.cidr_ipv4}:${rule.from_port}"]) == toset(["198.51.100.0/24:443", "198.51.100.0/24:8443"])
    error_message = "Services should connect to the named networks and ports only."
  }
}

run "flow_logs_are_kept_by_a_role_of_their_own" {
  command = plan

  variables {
    flow_log_retention_days = 90
    flow_log_kms_key_arn    = "arn:aws:kms:ap-northeast-1:111122223333:key/1234"
  }

  assert {
    condition     = aws_cloudwatch_log_group.flow[0].retention_in_days == 90 && aws_cloudwatch_log_group.flow[0].kms_key_id == "arn:aws:kms:ap-northeast-1:111122223333:key/1234"
    error_message = "Flow logs should be kept as long, and encrypted with the key, that is given."
  }

  assert {
    condition     = aws_flow_log.this[0].traffic_type == "ALL"
    error_message = "Accepted and refused connections should both be logged."
  }

  assert {
    condition     = jsondecode(aws_iam_role.flow[0].assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111122223333"
    error_message = "The role should be for this account's flow logs only."
  }
}

run "flow_logs_can_be_left_out" {
  command = plan

  variables {
    flow_logs = false
  }

  assert {
    condition     = length(aws_flow_log.this) + length(aws_iam_role.flow) + length(aws_cloudwatch_log_group.flow) == 0 && output.flow_log_group_name == null
    error_message = "Without flow logs nothing of them should be made."
  }
}

run "endpoints_when_asked_for" {
  command = plan

  variables {
    interface_endpoints = ["ecr.api", "ecr.dkr", "logs"]
  }

  assert {
    condition     = aws_vpc_endpoint.interface["ecr.dkr"].service_name == "com.amazonaws.ap-northeast-1.ecr.dkr" && aws_vpc_endpoint.interface["ecr.dkr"].private_dns_enabled
    error_message = "An interface endpoint should answer at the service's own name."
  }

  assert {
    condition     = aws_vpc_endpoint.s3.vpc_endpoint_type == "Gateway" && length(aws_vpc_endpoint.interface) == 3
    error_message = "The S3 gateway endpoint should be there beside the interface endpoints."
  }
}
