# The log group, the first task definition, and the two colors that run it.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  region = data.aws_region.current.name

  capacity_provider_strategies = {
    fargate = { FARGATE = { weight = 1, base = 0 } }
    ec2     = { (coalesce(var.capacity_provider_name, "none")) = { weight = 1, base = 0 } }
    fargate-spot = merge(
      { FARGATE_SPOT = { weight = var.spot_percent, base = 0 } },
      # AWS places no task, not even those of the base, where the weight is 0.
      var.spot_percent < 100 || var.spot_base_on_demand > 0 ? {
        FARGATE = { weight = max(100 - var.spot_percent, 1), base = var.spot_base_on_demand }
      } : {},
    )
  }

  volumes = { for path in var.writable_paths : replace(trimprefix(path, "/"), "/[/.]/", "-") => path }

  container = {
    name                   = var.name
    image                  = var.image
    essential              = true
    command                = var.command
    user                   = var.user
    readonlyRootFilesystem = var.read_only_root
    stopTimeout            = var.stop_timeout_seconds
    portMappings           = [{ name = var.name, containerPort = var.port, hostPort = var.port, protocol = "tcp" }]
    environment            = [for name, value in var.environment : { name = name, value = value }]
    secrets                = [for name, arn in var.secrets : { name = name, valueFrom = arn }]
    mountPoints            = [for volume, path in local.volumes : { sourceVolume = volume, containerPath = path, readOnly = false }]
    linuxParameters = {
      # A process that reaps children and passes SIGTERM on, whatever the image starts.
      initProcessEnabled = true
      capabilities       = { drop = var.dropped_capabilities }
    }
    healthCheck = var.health_check == null ? null : {
      command     = var.health_check.command
      interval    = var.health_check.interval_seconds
      timeout     = var.health_check.timeout_seconds
      retries     = var.health_check.retries
      startPeriod = var.health_check.start_period_seconds
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = var.log_group_name
        awslogs-region        = local.region
        awslogs-stream-prefix = var.name
        # A log that can't be written must not stop requests: lines wait in memory, and the oldest go when it is full.
        mode            = "non-blocking"
        max-buffer-size = "25m"
      }
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  count = var.create_log_group ? 1 : 0

  name              = var.log_group_name
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn
  tags              = var.tags
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.family
  requires_compatibilities = [var.capacity == "ec2" ? "EC2" : "FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions    = jsonencode([{ for key, value in local.container : key => value if value != null }])
  # A revision that a color still runs stays registered when another one is made here.
  skip_destroy = true
  tags         = var.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.cpu_architecture
  }

  dynamic "volume" {
    for_each = local.volumes

    content {
      name = volume.key
    }
  }

  dynamic "ephemeral_storage" {
    for_each = var.ephemeral_storage_gib == null ? [] : [var.ephemeral_storage_gib]

    content {
      size_in_gib = ephemeral_storage.value
    }
  }
}

resource "aws_ecs_service" "color" {
  for_each = { blue = var.desired_count, green = 0 }

  name                    = "${var.name}-${each.key}"
  cluster                 = var.cluster_arn
  task_definition         = aws_ecs_task_definition.this.arn
  desired_count           = each.value
  enable_ecs_managed_tags = true
  propagate_tags          = "SERVICE"
  enable_execute_command  = var.exec_enabled
  # A deployment starts its new tasks beside the old ones, which stay until the new ones are healthy.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = var.target_group_arns == null ? null : var.health_check_grace_seconds
  tags                               = merge(var.tags, { Service = var.name, Color = each.key })

  deployment_circuit_breaker {
    enable   = true
    rollback = var.deployment_rollback
  }

  dynamic "capacity_provider_strategy" {
    for_each = local.capacity_provider_strategies[var.capacity]

    content {
      capacity_provider = capacity_provider_strategy.key
      weight            = capacity_provider_strategy.value.weight
      base              = capacity_provider_strategy.value.base
    }
  }

  dynamic "ordered_placement_strategy" {
    for_each = var.capacity == "ec2" ? ["attribute:ecs.availability-zone", "instanceId"] : []

    content {
      type  = "spread"
      field = ordered_placement_strategy.value
    }
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = var.security_group_ids
    assign_public_ip = var.assign_public_ip
  }

  dynamic "load_balancer" {
    for_each = var.target_group_arns == null ? [] : [var.target_group_arns[each.key]]

    content {
      target_group_arn = load_balancer.value
      container_name   = var.name
      container_port   = var.port
    }
  }

  # Which revision runs, and how many tasks of it, belongs to the pipeline and to scaling: an apply after a release must
  # neither bring the former one back nor take capacity away.
  lifecycle {
    ignore_changes = [task_definition, desired_count]
  }

  # The first task needs its permissions when it starts, and AWS needs them to stop the last one.
  depends_on = [aws_iam_role_policy.execution, aws_cloudwatch_log_group.this]
}
