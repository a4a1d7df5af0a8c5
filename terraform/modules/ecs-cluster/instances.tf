# Instances for capacity ec2: as many as the tasks need, hardened, and emptied before they go.

resource "aws_security_group" "instances" {
  count = var.instances == null ? 0 : 1

  name        = "${var.name}-instances"
  description = "Instances of the cluster ${var.name}: tasks have network interfaces and groups of their own"
  vpc_id      = var.instances.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-instances" })
}

resource "aws_vpc_security_group_egress_rule" "instances_https" {
  count = var.instances == null ? 0 : 1

  security_group_id = aws_security_group.instances[0].id
  description       = "ECS, and registries that images come from"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
  tags              = var.tags
}

resource "aws_launch_template" "instances" {
  count = var.instances == null ? 0 : 1

  name          = "${var.name}-instances"
  description   = "Instances of the cluster ${var.name}"
  instance_type = var.instances.instance_type
  # Looked up at each launch: a new instance has the newest image, and a plan does not change when AWS publishes one.
  image_id               = "resolve:ssm:${var.instances.image_parameter}"
  update_default_version = true
  ebs_optimized          = true
  vpc_security_group_ids = [aws_security_group.instances[0].id]
  tags                   = var.tags

  # awsvpc tasks must use their own role; without the last line they could ask the instance for its.
  user_data = base64encode(<<-EOT
    #!/bin/bash
    cat >> /etc/ecs/ecs.config <<'CONFIG'
    ECS_CLUSTER=${var.name}
    ECS_ENABLE_SPOT_INSTANCE_DRAINING=true
    ECS_AWSVPC_BLOCK_IMDS=true
    CONFIG
  EOT
  )

  iam_instance_profile {
    arn = aws_iam_instance_profile.instances[0].arn
  }

  # One hop: a container in bridge mode can't reach the metadata service, and so not the role of the instance.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  monitoring {
    enabled = true
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = var.instances.disk_gib
      encrypted             = true
      kms_key_id            = var.storage_kms_key_arn
      delete_on_termination = true
    }
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume", "network-interface"])

    content {
      resource_type = tag_specifications.key
      tags          = merge(var.tags, { Name = "${var.name}-instance" })
    }
  }
}

resource "aws_autoscaling_group" "instances" {
  count = var.instances == null ? 0 : 1

  name                  = "${var.name}-instances"
  min_size              = var.instances.min
  max_size              = var.instances.max
  vpc_zone_identifier   = var.instances.subnet_ids
  protect_from_scale_in = true
  # Instances are protected from scale-in for good, so that only force empties the group when it is destroyed.
  force_delete = true

  launch_template {
    id      = aws_launch_template.instances[0].id
    version = aws_launch_template.instances[0].latest_version
  }

  dynamic "tag" {
    for_each = merge(var.tags, { Name = "${var.name}-instance", AmazonECSManaged = "true" })

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }

  # ECS sets the number by what the tasks need.
  lifecycle {
    ignore_changes = [desired_capacity]
  }
}

resource "aws_ecs_capacity_provider" "instances" {
  count = var.instances == null ? 0 : 1

  name = "${var.name}-instances"
  tags = var.tags

  auto_scaling_group_provider {
    auto_scaling_group_arn = aws_autoscaling_group.instances[0].arn
    # An instance with tasks on it is never taken away, and one that must go is emptied first.
    managed_termination_protection = "ENABLED"
    managed_draining               = "ENABLED"

    managed_scaling {
      status          = "ENABLED"
      target_capacity = var.instances.target_percent
    }
  }
}
