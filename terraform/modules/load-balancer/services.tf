# For each service a blue and a green target group, rules that share requests between them, and rules that reach one of them.

locals {
  colors = merge([
    for service, settings in var.services : {
      for color in ["blue", "green"] : "${service}-${color}" => {
        service  = service
        color    = color
        settings = settings
      }
    }
  ]...)

  traffic_rules = merge([
    for service, settings in var.services : {
      for name, rule in settings.rules : "${service}/${name}" => merge(rule, {
        service              = service
        sticky_color_seconds = settings.sticky_color_seconds
      })
    }
  ]...)

  preview_headers = {
    for service in keys(var.services) : service => {
      for color in ["blue", "green"] : color => { x-sluice-service = service, x-sluice-color = color }
    }
  }
}

resource "aws_lb_target_group" "color" {
  for_each = local.colors

  name        = each.value.settings.target_group_names[each.value.color]
  vpc_id      = var.vpc_id
  target_type = each.value.settings.target_type
  protocol    = "HTTP"
  # Tasks register with their container's port, whatever is written here, and a group in use can't be replaced by one with
  # another port. Instances register with this one.
  port                 = each.value.settings.target_type == "ip" ? 80 : each.value.settings.port
  deregistration_delay = each.value.settings.grace_seconds
  slow_start           = each.value.settings.slow_start_seconds
  tags                 = merge(var.tags, { Service = each.value.service, Color = each.value.color })

  health_check {
    enabled             = true
    protocol            = "HTTP"
    port                = "traffic-port"
    path                = each.value.settings.health_check.path
    interval            = each.value.settings.health_check.interval_seconds
    timeout             = each.value.settings.health_check.timeout_seconds
    healthy_threshold   = each.value.settings.health_check.healthy_threshold
    unhealthy_threshold = each.value.settings.health_check.unhealthy_threshold
    matcher             = each.value.settings.health_check.matcher
  }

  stickiness {
    type            = "lb_cookie"
    enabled         = each.value.settings.sticky_target_seconds > 0
    cookie_duration = max(each.value.settings.sticky_target_seconds, 1)
  }
}

resource "aws_lb_listener_rule" "traffic" {
  for_each = local.traffic_rules

  listener_arn = local.listener_arn
  priority     = each.value.priority
  tags         = merge(var.tags, { Service = each.value.service })

  dynamic "condition" {
    for_each = length(each.value.hosts) > 0 ? [each.value.hosts] : []

    content {
      host_header {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = length(each.value.paths) > 0 ? [each.value.paths] : []

    content {
      path_pattern {
        values = condition.value
      }
    }
  }

  # Green is named with weight 0: AWS checks the health of a group, and lets an ECS service use it, only once a rule names it.
  action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.color["${each.value.service}-blue"].arn
        weight = 100
      }

      target_group {
        arn    = aws_lb_target_group.color["${each.value.service}-green"].arn
        weight = 0
      }

      dynamic "stickiness" {
        for_each = each.value.sticky_color_seconds > 0 ? [each.value.sticky_color_seconds] : []

        content {
          enabled  = true
          duration = stickiness.value
        }
      }
    }
  }

  # The weights belong to the pipeline: an apply after a release must not send users back to the former one.
  lifecycle {
    ignore_changes = [action]
  }
}

resource "aws_lb_listener_rule" "test" {
  for_each = { for key, color in local.colors : key => color if local.has_test_listener && color.settings.test_priorities != null }

  listener_arn = local.test_listener_arn
  priority     = each.value.settings.test_priorities[each.value.color]
  tags         = merge(var.tags, { Service = each.value.service, Color = each.value.color })

  dynamic "condition" {
    for_each = local.preview_headers[each.value.service][each.value.color]

    content {
      http_header {
        http_header_name = condition.key
        values           = [condition.value]
      }
    }
  }

  dynamic "condition" {
    for_each = length(var.test_source_cidrs) > 0 ? [var.test_source_cidrs] : []

    content {
      source_ip {
        values = condition.value
      }
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.color[each.key].arn
  }
}
