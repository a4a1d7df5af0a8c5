# What others need to know of the network.

output "vpc_id" {
  description = "ID of the VPC."
  value       = aws_vpc.this.id
}

output "vpc_arn" {
  description = "ARN of the VPC."
  value       = aws_vpc.this.arn
}

output "vpc_cidr" {
  description = "Addresses of the VPC."
  value       = aws_vpc.this.cidr_block
}

output "zones" {
  description = "Availability zones in use, in the order of the subnets."
  value       = local.zones
}

output "public_subnet_ids" {
  description = "IDs of the public subnets, one a zone: for internet-facing load balancers and NAT gateways."
  value       = [for zone in local.zones : aws_subnet.public[zone].id]
}

output "private_subnet_ids" {
  description = "IDs of the private subnets, one a zone: for services, nodes and internal load balancers."
  value       = [for zone in local.zones : aws_subnet.private[zone].id]
}

output "data_subnet_ids" {
  description = "IDs of the data subnets, one a zone: for databases; without any way to or from the internet."
  value       = [for zone in local.zones : aws_subnet.data[zone].id]
}

output "subnet_ids" {
  description = "IDs of all subnets by tier (public, private, data) and zone."
  value = {
    public  = { for zone, subnet in aws_subnet.public : zone => subnet.id }
    private = { for zone, subnet in aws_subnet.private : zone => subnet.id }
    data    = { for zone, subnet in aws_subnet.data : zone => subnet.id }
  }
}

output "subnet_cidrs" {
  description = "Addresses of all subnets by tier (public, private, data) and zone."
  value       = local.subnet_cidrs
}

output "route_table_ids" {
  description = "IDs of the route tables: public, data, and private by zone."
  value = {
    public  = aws_route_table.public.id
    data    = aws_route_table.data.id
    private = { for zone, table in aws_route_table.private : zone => table.id }
  }
}

output "nat_public_ips" {
  description = "Public addresses that requests of services come from, by zone of the NAT gateway; empty without NAT."
  value       = { for zone, address in aws_eip.nat : zone => address.public_ip }
}

output "security_group_ids" {
  description = "IDs of the security groups by tier: load_balancer, service, database, endpoint."
  value = {
    load_balancer = aws_security_group.load_balancer.id
    service       = aws_security_group.service.id
    database      = aws_security_group.database.id
    endpoint      = aws_security_group.endpoint.id
  }
}

output "interface_endpoint_ids" {
  description = "IDs of the interface endpoints by service."
  value       = { for service, endpoint in aws_vpc_endpoint.interface : service => endpoint.id }
}

output "s3_endpoint_id" {
  description = "ID of the S3 gateway endpoint."
  value       = aws_vpc_endpoint.s3.id
}

output "flow_log_group_name" {
  description = "Log group of the flow logs; null without them."
  value       = one(aws_cloudwatch_log_group.flow[*].name)
}
