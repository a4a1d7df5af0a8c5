# The launch template and the auto scaling group of each color.
data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_ssm_parameter" "ami" {
  for_each = startswith(var.ami, "/") ? toset([var.ami]) : toset([])

  name = each.value
}

locals {
  # A color without users holds still: an alarm or a schedule must not start instances of it.
  idle = { min = 0, desired = 0, suspended = ["AlarmNotification", "ScheduledActions"] }

  colors = {
    blue = var.scaling.desired == 0 ? local.idle : {
      min       = var.scaling.min
      desired   = var.scaling.desired
      suspended = tolist([])
    }
    green = local.idle
  }

  image_id = startswith(var.ami, "/") ? data.aws_ssm_parameter.ami[var.ami].insecure_value : var.ami
}

resource "aws_launch_template" "this" {
  name        = var.name
  description = "Instances of ${var.service}; a release is a version of it."

  image_id      = local.image_id
  instance_type = var.instance_type
  user_data     = base64encode(local.user_data)

  iam_instance_profile {
    arn = aws_iam_instance_profile.instance.arn
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = var.metadata_hop_limit
  }

  monitoring {
    enabled = var.detailed_monitoring_enabled
  }

  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    security_groups             = var.security_group_ids
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = var.root_volume_gib
      encrypted             = true
      kms_key_id            = var.root_volume_kms_key_arn
      delete_on_termination = true
    }
  }

  dynamic "instance_market_options" {
    for_each = var.spot ? ["spot"] : []

    content {
      market_type = instance_market_options.value
    }
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume", "network-interface"])

    content {
      resource_type = tag_specifications.value
      tags          = merge(var.tags, { Name = var.name })
    }
  }

  tags = var.tags

  lifecycle {
    # A release is written by the pipeline as a new version with a description and a line of user data of its own.
    # What Terraform changes later (image, type, volume) takes both over into the next version.
    ignore_changes = [description, user_data]

    precondition {
      condition     = length(local.user_data) <= 16384
      error_message = "User data has more than the 16384 characters that Amazon EC2 takes: make container.files smaller."
    }
  }
}

resource "aws_autoscaling_group" "color" {
  for_each = local.colors

  name                = "${var.name}-${each.key}"
  vpc_zone_identifier = var.subnet_ids

  min_size            = each.value.min
  max_size            = var.scaling.max
  desired_capacity    = each.value.desired
  suspended_processes = each.value.suspended

  target_group_arns         = var.target_group_arns == null ? [] : [var.target_group_arns[each.key]]
  health_check_type         = var.target_group_arns == null ? "EC2" : "ELB"
  health_check_grace_period = var.health_check_grace_seconds
  default_instance_warmup   = var.warmup_seconds
  capacity_rebalance        = var.spot

  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances"]

  # Terraform must not wait for instances: before the first release there may be no image to run.
  wait_for_capacity_timeout = "0"

  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.latest_version
  }

  dynamic "tag" {
    for_each = merge(var.tags, { Name = "${var.name}-${each.key}" })

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }

  lifecycle {
    # The pipeline decides which color has instances, how many, and of which release; Terraform knows how it began.
    # There is no instance refresh: instances are replaced by the other color only.
    ignore_changes = [
      desired_capacity,
      launch_template[0].version,
      max_size,
      min_size,
      suspended_processes,
    ]
  }
}
