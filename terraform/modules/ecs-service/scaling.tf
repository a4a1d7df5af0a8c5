# How the number of tasks follows load and the clock. Both colors have the same rules; they act on the one that serves.

locals {
  # Before the first release neither color serves.
  suspended = { blue = var.desired_count == 0, green = true }

  metrics = var.scaling == null ? {} : {
    for name, metric in {
      cpu      = { type = "ECSServiceAverageCPUUtilization", target = var.scaling.cpu_percent }
      memory   = { type = "ECSServiceAverageMemoryUtilization", target = var.scaling.memory_percent }
      requests = { type = "ALBRequestCountPerTarget", target = var.scaling.requests_per_target }
    } : name => metric if metric.target != null
  }

  policies = merge([
    for color in ["blue", "green"] : {
      for name, metric in local.metrics : "${color}-${name}" => merge(metric, { color = color })
    }
  ]...)

  schedules = merge([
    for color in ["blue", "green"] : {
      for name, schedule in var.scaling == null ? {} : var.scaling.schedules : "${color}-${name}" => merge(schedule, { color = color })
    }
  ]...)
}

resource "aws_appautoscaling_target" "color" {
  for_each = var.scaling == null ? {} : local.suspended

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${var.cluster_name}/${aws_ecs_service.color[each.key].name}"
  min_capacity       = var.scaling.min
  max_capacity       = var.scaling.max
  tags               = merge(var.tags, { Service = var.name, Color = each.key })

  # While suspended, min does not hold either: the idle color stays at 0.
  suspended_state {
    dynamic_scaling_in_suspended  = each.value
    dynamic_scaling_out_suspended = each.value
    scheduled_scaling_suspended   = each.value
  }

  # The pipeline suspends and resumes: scaling follows the color that serves.
  lifecycle {
    ignore_changes = [suspended_state]
  }
}

resource "aws_appautoscaling_policy" "color" {
  for_each = local.policies

  name               = "${var.name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.color[each.value.color].service_namespace
  scalable_dimension = aws_appautoscaling_target.color[each.value.color].scalable_dimension
  resource_id        = aws_appautoscaling_target.color[each.value.color].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.target
    scale_in_cooldown  = var.scaling.scale_in_cooldown_seconds
    scale_out_cooldown = var.scaling.scale_out_cooldown_seconds

    predefined_metric_specification {
      predefined_metric_type = each.value.type
      resource_label         = each.value.type == "ALBRequestCountPerTarget" ? var.request_count_labels[each.value.color] : null
    }
  }
}

resource "aws_appautoscaling_scheduled_action" "color" {
  for_each = local.schedules

  name               = "${var.name}-${each.key}"
  service_namespace  = aws_appautoscaling_target.color[each.value.color].service_namespace
  scalable_dimension = aws_appautoscaling_target.color[each.value.color].scalable_dimension
  resource_id        = aws_appautoscaling_target.color[each.value.color].resource_id
  schedule           = each.value.schedule
  timezone           = each.value.timezone

  scalable_target_action {
    min_capacity = each.value.min
    max_capacity = each.value.max
  }
}
