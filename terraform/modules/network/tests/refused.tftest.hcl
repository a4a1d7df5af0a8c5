# What the network refuses before AWS is asked.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = {
      names = ["ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"]
    }
  }
}

variables {
  name     = "shop-prod"
  vpc_cidr = "10.20.0.0/16"
}

run "cidr_that_is_no_network" {
  command = plan

  variables {
    vpc_cidr = "10.20.0.0"
  }

  expect_failures = [var.vpc_cidr]
}

run "cidr_with_bits_behind_its_prefix" {
  command = plan

  variables {
    vpc_cidr = "10.20.1.0/16"
  }

  expect_failures = [var.vpc_cidr]
}

run "cidr_larger_than_a_vpc" {
  command = plan

  variables {
    vpc_cidr = "10.0.0.0/8"
  }

  expect_failures = [var.vpc_cidr]
}

run "cidr_smaller_than_a_vpc" {
  command = plan

  variables {
    vpc_cidr = "10.20.0.0/29"
  }

  expect_failures = [var.vpc_cidr]
}

run "cidr_too_small_for_the_zones" {
  command = plan

  variables {
    vpc_cidr   = "10.20.0.0/25"
    zone_count = 3
  }

  expect_failures = [var.vpc_cidr]
}

run "cidr_of_ipv6" {
  command = plan

  variables {
    vpc_cidr = "2001:db8::/56"
  }

  expect_failures = [var.vpc_cidr]
}

run "one_zone" {
  command = plan

  variables {
    zone_count = 1
  }

  expect_failures = [var.zone_count]
}

run "zone_named_twice" {
  command = plan

  variables {
    availability_zones = ["ap-northeast-1a", "ap-northeast-1a"]
  }

  expect_failures = [var.availability_zones]
}

run "more_zones_than_the_region_has" {
  command = plan

  variables {
    zone_count = 4
  }

  expect_failures = [aws_vpc.this]
}

run "nat_of_another_kind" {
  command = plan

  variables {
    nat = "two"
  }

  expect_failures = [var.nat]
}

run "preview_open_to_the_world" {
  command = plan

  variables {
    test_source_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.test_source_cidrs]
}

run "preview_at_the_port_of_users" {
  command = plan

  variables {
    test_port = 443
  }

  expect_failures = [var.test_port]
}

run "internal_load_balancer_open_to_the_world" {
  command = plan

  variables {
    load_balancer_internal     = true
    load_balancer_source_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.load_balancer_source_cidrs]
}

run "retention_that_cloudwatch_does_not_have" {
  command = plan

  variables {
    flow_log_retention_days = 10
  }

  expect_failures = [var.flow_log_retention_days]
}

run "half_of_what_pulls_an_image" {
  command = plan

  variables {
    interface_endpoints = ["ecr.api"]
  }

  expect_failures = [var.interface_endpoints]
}

run "name_too_long_for_the_role" {
  command = plan

  variables {
    name = "a-project-with-a-very-long-name-indeed-and-an-environment-as-long"
  }

  expect_failures = [var.flow_log_role_name]
}

run "way_out_named_twice" {
  command = plan

  variables {
    service_egress = {
      partner = { cidr = "198.51.100.0/24", ports = [443] }
      bank    = { cidr = "198.51.100.0/24", ports = [443] }
    }
  }

  expect_failures = [var.service_egress]
}
