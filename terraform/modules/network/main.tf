# The VPC, its subnets in three tiers, and their routes.

data "aws_region" "current" {}

data "aws_availability_zones" "region" {
  count = var.availability_zones == null ? 1 : 0

  state = "available"

  # Local Zones are opted in to, and neither load balancers nor databases reach across them.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  zone_names = var.availability_zones != null ? var.availability_zones : sort(data.aws_availability_zones.region[0].names)
  zone_count = var.availability_zones != null ? length(var.availability_zones) : min(var.zone_count, length(local.zone_names))
  zones      = slice(local.zone_names, 0, local.zone_count)

  # Room for 8 zones a tier wherever it fits: another zone later moves no subnet that exists.
  zone_bits = min(3, 26 - tonumber(split("/", var.vpc_cidr)[1]))

  tier_cidrs = {
    private = cidrsubnet(var.vpc_cidr, 1, 0)
    public  = cidrsubnet(var.vpc_cidr, 2, 2)
    data    = cidrsubnet(var.vpc_cidr, 2, 3)
  }

  subnet_cidrs = {
    for tier, cidr in local.tier_cidrs : tier => {
      for index, zone in local.zones : zone => cidrsubnet(cidr, local.zone_bits, index)
    }
  }

  nat_zones = { none = [], one = slice(local.zones, 0, 1), per-zone = local.zones }[var.nat]
}

resource "aws_vpc" "this" {
  cidr_block           = var.vpc_cidr
  enable_dns_hostnames = true
  enable_dns_support   = true
  tags                 = merge(var.tags, { Name = var.name })

  lifecycle {
    precondition {
      condition     = var.availability_zones != null || length(local.zones) == var.zone_count
      error_message = "This region has fewer availability zones than zone_count; write a smaller number."
    }
  }
}

# Everything has a group of its own; what forgets to name one is reached by nobody and reaches nobody.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.this.id
  # Written out, so that a rule which somebody adds is seen and taken away.
  ingress = []
  egress  = []
  tags    = merge(var.tags, { Name = "${var.name}-closed" })
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = merge(var.tags, { Name = var.name })
}

resource "aws_subnet" "public" {
  for_each = local.subnet_cidrs.public

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
  tags              = merge(var.tags, var.public_subnet_tags, { Name = "${var.name}-public-${each.key}" })
}

resource "aws_subnet" "private" {
  for_each = local.subnet_cidrs.private

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
  tags              = merge(var.tags, var.private_subnet_tags, { Name = "${var.name}-private-${each.key}" })
}

resource "aws_subnet" "data" {
  for_each = local.subnet_cidrs.data

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
  tags              = merge(var.tags, { Name = "${var.name}-data-${each.key}" })
}

resource "aws_eip" "nat" {
  for_each = toset(local.nat_zones)

  domain = "vpc"
  tags   = merge(var.tags, { Name = "${var.name}-nat-${each.key}" })

  # AWS gives out a public address only to a VPC that has a way to the internet.
  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "this" {
  for_each = toset(local.nat_zones)

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id
  tags          = merge(var.tags, { Name = "${var.name}-${each.key}" })

  depends_on = [aws_route.public_internet]
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id
  tags   = merge(var.tags, { Name = "${var.name}-public" })
}

resource "aws_route" "public_internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

# A table a zone even with one gateway or none: a change of nat then changes a route, not a subnet's table.
resource "aws_route_table" "private" {
  for_each = toset(local.zones)

  vpc_id = aws_vpc.this.id
  tags   = merge(var.tags, { Name = "${var.name}-private-${each.key}" })
}

resource "aws_route" "private_internet" {
  for_each = var.nat == "none" ? toset([]) : toset(local.zones)

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[var.nat == "one" ? local.zones[0] : each.key].id
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[each.key].id
}

# Without a default route: nothing in the data tier reaches the internet, nor is reached from it.
resource "aws_route_table" "data" {
  vpc_id = aws_vpc.this.id
  tags   = merge(var.tags, { Name = "${var.name}-data" })
}

resource "aws_route_table_association" "data" {
  for_each = aws_subnet.data

  subnet_id      = each.value.id
  route_table_id = aws_route_table.data.id
}
