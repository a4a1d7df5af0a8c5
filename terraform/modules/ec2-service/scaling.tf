# Target tracking and schedules of both colors; those of the color without users are suspended with its group.
locals {
  metrics = toset(concat(
    var.scaling.cpu_percent == null ? [] : ["cpu"],
    var.scaling.requests_per_target == null ? [] : ["requests"],
  ))

  policies = {
    for pair in setproduct(keys(local.colors), local.metrics) :
    "${pair[0]}-${pair[1]}" => { color = pair[0], metric = pair[1] }
  }

  moments = merge([
    for name, schedule in var.schedules : merge(
      { "${name}-start" = { cron = schedule.cron, timezone = schedule.timezone, min = schedule.min, max = schedule.max } },
      schedule.end == null ? {} : {
        "${name}-end" = { cron = schedule.end, timezone = schedule.timezone, min = var.scaling.min, max = var.scaling.max }
      },
    )
  ]...)

  scheduled_actions = {
    for pair in setproduct(keys(local.colors), keys(local.moments)) :
    "${pair[0]}-${pair[1]}" => merge(local.moments[pair[1]], { color = pair[0], name = pair[1] })
  }
}

resource "aws_autoscaling_policy" "target_tracking" {
  for_each = local.policies

  name                   = "${var.name}-${each.key}"
  autoscaling_group_name = aws_autoscaling_group.color[each.value.color].name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = each.value.metric == "cpu" ? var.scaling.cpu_percent : var.scaling.requests_per_target

    predefined_metric_specification {
      predefined_metric_type = each.value.metric == "cpu" ? "ASGAverageCPUUtilization" : "ALBRequestCountPerTarget"
      resource_label         = each.value.metric == "cpu" ? null : local.resource_labels[each.value.color]
    }
  }
}

locals {
  # app/NAME/ID/targetgroup/NAME/ID, as Amazon EC2 Auto Scaling asks for it.
  resource_labels = var.scaling.requests_per_target == null ? {} : {
    for color in keys(local.colors) : color => join("/", [
      split(":loadbalancer/", var.load_balancer_arn)[1],
      split(":", var.target_group_arns[color])[5],
    ])
  }
}

resource "aws_autoscaling_schedule" "this" {
  for_each = local.scheduled_actions

  scheduled_action_name  = each.value.name
  autoscaling_group_name = aws_autoscaling_group.color[each.value.color].name
  recurrence             = each.value.cron
  time_zone              = each.value.timezone
  min_size               = each.value.min
  max_size               = each.value.max

  # -1 leaves the number alone: Auto Scaling moves it only where the new limits ask for it.
  desired_capacity = -1
}
