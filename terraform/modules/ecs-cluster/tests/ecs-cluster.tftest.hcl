# What tasks run on, and how instances are kept when there are any.

mock_provider "aws" {
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

  mock_resource "aws_ecs_cluster" {
    defaults = {
      arn = "arn:aws:ecs:ap-northeast-1:111122223333:cluster/shop-prod"
    }
  }

  mock_resource "aws_autoscaling_group" {
    defaults = {
      arn = "arn:aws:autoscaling:ap-northeast-1:111122223333:autoScalingGroup:1:autoScalingGroupName/shop-prod-instances"
    }
  }

  mock_resource "aws_launch_template" {
    defaults = {
      id             = "lt-0123456789abcdef0"
      latest_version = 1
    }
  }

  mock_resource "aws_iam_instance_profile" {
    defaults = {
      arn = "arn:aws:iam::111122223333:instance-profile/shop-prod-instances"
    }
  }
}

variables {
  name = "shop-prod"
}

run "fargate" {
  command = plan

  assert {
    condition     = [for strategy in aws_ecs_cluster_capacity_providers.this.default_capacity_provider_strategy : strategy.capacity_provider] == ["FARGATE"]
    error_message = "Tasks should run on Fargate."
  }

  assert {
    condition     = aws_ecs_cluster_capacity_providers.this.capacity_providers == toset(["FARGATE", "FARGATE_SPOT"])
    error_message = "A service should be able to choose Spot."
  }

  assert {
    condition     = length(aws_autoscaling_group.instances) + length(aws_iam_role.instances) + length(aws_security_group.instances) == 0
    error_message = "Fargate needs no instances."
  }

  assert {
    condition     = { for setting in aws_ecs_cluster.this.setting : setting.name => setting.value } == { containerInsights = "enabled" }
    error_message = "Container Insights should be on."
  }

  assert {
    condition     = aws_ecs_cluster.this.configuration[0].execute_command_configuration[0].logging == "DEFAULT"
    error_message = "Without a log of their own sessions should go to the log of the task."
  }
}

run "fargate_spot" {
  command = plan

  variables {
    capacity = "fargate-spot"
  }

  assert {
    condition     = [for strategy in aws_ecs_cluster_capacity_providers.this.default_capacity_provider_strategy : strategy.capacity_provider] == ["FARGATE_SPOT"]
    error_message = "Tasks should run on Spot."
  }
}

run "sessions_are_kept_and_encrypted" {
  command = plan

  variables {
    exec_log = {
      group_name  = "/shop/prod/exec"
      kms_key_arn = "arn:aws:kms:ap-northeast-1:111122223333:key/1234"
    }
    storage_kms_key_arn = "arn:aws:kms:ap-northeast-1:111122223333:key/5678"
  }

  assert {
    condition = (
      aws_ecs_cluster.this.configuration[0].execute_command_configuration[0].logging == "OVERRIDE" &&
      aws_ecs_cluster.this.configuration[0].execute_command_configuration[0].kms_key_id == "arn:aws:kms:ap-northeast-1:111122223333:key/1234" &&
      aws_ecs_cluster.this.configuration[0].execute_command_configuration[0].log_configuration[0].cloud_watch_encryption_enabled &&
      aws_ecs_cluster.this.configuration[0].execute_command_configuration[0].log_configuration[0].cloud_watch_log_group_name == "/shop/prod/exec"
    )
    error_message = "Sessions should be logged to their own group and encrypted."
  }

  assert {
    condition     = aws_cloudwatch_log_group.exec[0].kms_key_id == "arn:aws:kms:ap-northeast-1:111122223333:key/1234" && aws_cloudwatch_log_group.exec[0].retention_in_days == 90
    error_message = "The log of sessions should be encrypted and kept for 90 days."
  }

  assert {
    condition     = aws_ecs_cluster.this.configuration[0].managed_storage_configuration[0].fargate_ephemeral_storage_kms_key_id == "arn:aws:kms:ap-northeast-1:111122223333:key/5678"
    error_message = "The storage of tasks should be encrypted with the key that is given."
  }
}

run "instances_are_hardened" {
  variables {
    capacity = "ec2"
    tags     = { project = "shop" }
    instances = {
      instance_type = "m5.large"
      min           = 2
      max           = 6
      vpc_id        = "vpc-0123456789abcdef0"
      subnet_ids    = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
      role_name     = "shop-prod-instances"
    }
  }

  assert {
    condition     = aws_launch_template.instances[0].metadata_options[0].http_tokens == "required" && aws_launch_template.instances[0].metadata_options[0].http_put_response_hop_limit == 1
    error_message = "The metadata service should ask for a token (IMDSv2) and be out of reach of containers."
  }

  assert {
    condition     = alltrue(flatten([for mapping in aws_launch_template.instances[0].block_device_mappings : [for disk in mapping.ebs : tobool(disk.encrypted)]]))
    error_message = "Disks should be encrypted."
  }

  assert {
    condition     = strcontains(base64decode(aws_launch_template.instances[0].user_data), "ECS_CLUSTER=shop-prod\n")
    error_message = "Instances should join the cluster."
  }

  assert {
    condition     = aws_autoscaling_group.instances[0].protect_from_scale_in && aws_ecs_capacity_provider.instances[0].auto_scaling_group_provider[0].managed_termination_protection == "ENABLED"
    error_message = "An instance with tasks should not be taken away."
  }

  assert {
    condition     = aws_ecs_capacity_provider.instances[0].auto_scaling_group_provider[0].managed_scaling[0].status == "ENABLED" && aws_ecs_capacity_provider.instances[0].auto_scaling_group_provider[0].managed_draining == "ENABLED"
    error_message = "ECS should set the number of instances, and empty those that go."
  }

  assert {
    condition     = [for strategy in aws_ecs_cluster_capacity_providers.this.default_capacity_provider_strategy : strategy.capacity_provider] == ["shop-prod-instances"]
    error_message = "Tasks should run on the instances."
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.instances_https[0].from_port == 443
    error_message = "Instances should reach AWS over HTTPS, and nothing else."
  }

  assert {
    condition = alltrue(flatten([for statement in jsondecode(aws_iam_role_policy.instances[0].policy).Statement : [
      for action in flatten([statement.Action]) : !strcontains(action, "*") && (statement.Resource != "*" || action == "ecs:DiscoverPollEndpoint")
    ]]))
    error_message = "The role should name its actions, and its resources wherever AWS knows any."
  }

  assert {
    condition     = { for tag in aws_autoscaling_group.instances[0].tag : tag.key => tag.value } == { project = "shop", Name = "shop-prod-instance", AmazonECSManaged = "true" }
    error_message = "Instances should carry the tags, and the one that ECS asks for."
  }
}
