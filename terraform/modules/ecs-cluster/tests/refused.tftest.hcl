# What the cluster refuses before AWS is asked.

mock_provider "aws" {}

variables {
  name = "shop-prod"
}

run "name_that_a_capacity_provider_may_not_have" {
  command = plan

  variables {
    name = "ecs-shop"
  }

  expect_failures = [var.name]
}

run "capacity_that_is_none" {
  command = plan

  variables {
    capacity = "lambda"
  }

  expect_failures = [var.capacity]
}

run "ec2_without_instances" {
  command = plan

  variables {
    capacity = "ec2"
  }

  expect_failures = [var.capacity]
}

run "instances_without_ec2" {
  command = plan

  variables {
    instances = {
      instance_type = "m5.large"
      min           = 2
      max           = 6
      vpc_id        = "vpc-0123456789abcdef0"
      subnet_ids    = ["subnet-0123456789abcdef0"]
      role_name     = "shop-prod-instances"
    }
  }

  expect_failures = [var.capacity]
}

run "insights_that_are_none" {
  command = plan

  variables {
    container_insights = "on"
  }

  expect_failures = [var.container_insights]
}

run "retention_that_cloudwatch_does_not_have" {
  command = plan

  variables {
    exec_log = { group_name = "/shop/prod/exec", retention_days = 10 }
  }

  expect_failures = [var.exec_log]
}

run "max_below_min" {
  command = plan

  variables {
    capacity = "ec2"
    instances = {
      instance_type = "m5.large"
      min           = 6
      max           = 2
      vpc_id        = "vpc-0123456789abcdef0"
      subnet_ids    = ["subnet-0123456789abcdef0"]
      role_name     = "shop-prod-instances"
    }
  }

  expect_failures = [var.instances]
}

run "instance_type_that_is_none" {
  command = plan

  variables {
    capacity = "ec2"
    instances = {
      instance_type = "large"
      min           = 2
      max           = 6
      vpc_id        = "vpc-0123456789abcdef0"
      subnet_ids    = ["subnet-0123456789abcdef0"]
      role_name     = "shop-prod-instances"
    }
  }

  expect_failures = [var.instances]
}

run "role_name_too_long" {
  command = plan

  variables {
    capacity = "ec2"
    instances = {
      instance_type = "m5.large"
      min           = 2
      max           = 6
      vpc_id        = "vpc-0123456789abcdef0"
      subnet_ids    = ["subnet-0123456789abcdef0"]
      role_name     = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    }
  }

  expect_failures = [var.instances]
}

run "disk_smaller_than_the_image" {
  command = plan

  variables {
    capacity = "ec2"
    instances = {
      instance_type = "m5.large"
      min           = 2
      max           = 6
      vpc_id        = "vpc-0123456789abcdef0"
      subnet_ids    = ["subnet-0123456789abcdef0"]
      role_name     = "shop-prod-instances"
      disk_gib      = 8
    }
  }

  expect_failures = [var.instances]
}
