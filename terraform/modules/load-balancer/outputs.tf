# What others need to know of the load balancer. Target groups are told only when a rule refers to them: before that,
# AWS refuses an ECS service that would register there.

output "load_balancer_arn" {
  description = "ARN of the load balancer, the shared one included."
  value       = local.load_balancer_arn
}

output "load_balancer_arn_suffix" {
  description = "Name of the load balancer in CloudWatch (dimension LoadBalancer), the shared one included."
  value       = local.load_balancer_arn_suffix
}

output "dns_name" {
  description = "Name that AWS gave to the load balancer; null for a shared one."
  value       = one(aws_lb.this[*].dns_name)
}

output "zone_id" {
  description = "Route 53 zone of that name, for alias records; null for a shared one."
  value       = one(aws_lb.this[*].zone_id)
}

output "listener_arn" {
  description = "ARN of the listener that users reach."
  value       = local.listener_arn
}

output "test_listener_arn" {
  description = "ARN of the listener that reaches a color by header; null without one."
  value       = local.test_listener_arn
}

output "certificate_arn" {
  description = "ARN of the certificate of the HTTPS listener made here; null without one."
  value       = local.certificate_arn
}

output "origin" {
  description = "Scheme and host that users reach the load balancer at; null for a shared listener."
  value       = local.origin
}

output "test_origin" {
  description = "Scheme, host and port of the test listener; null without one made here."
  value       = local.test_origin
}

output "target_group_arns" {
  description = "ARNs of the target groups by service and color."
  value = {
    for service in keys(var.services) : service => {
      blue  = aws_lb_target_group.color["${service}-blue"].arn
      green = aws_lb_target_group.color["${service}-green"].arn
    }
  }
  depends_on = [aws_lb_listener_rule.traffic, aws_lb_listener_rule.test]
}

output "target_group_arn_suffixes" {
  description = "Names of the target groups in CloudWatch (dimension TargetGroup) by service and color."
  value = {
    for service in keys(var.services) : service => {
      blue  = aws_lb_target_group.color["${service}-blue"].arn_suffix
      green = aws_lb_target_group.color["${service}-green"].arn_suffix
    }
  }
}

output "request_count_labels" {
  description = "Resource labels for target tracking on ALBRequestCountPerTarget, by service and color."
  value = {
    for service in keys(var.services) : service => {
      blue  = "${local.load_balancer_arn_suffix}/${aws_lb_target_group.color["${service}-blue"].arn_suffix}"
      green = "${local.load_balancer_arn_suffix}/${aws_lb_target_group.color["${service}-green"].arn_suffix}"
    }
  }
  depends_on = [aws_lb_listener_rule.traffic, aws_lb_listener_rule.test]
}

output "rule_arns" {
  description = "ARNs of the rules whose weights the pipeline sets, by service and rule."
  value = {
    for service, settings in var.services : service => {
      for rule in keys(settings.rules) : rule => aws_lb_listener_rule.traffic["${service}/${rule}"].arn
    }
  }
}

output "preview_headers" {
  description = "Headers that reach a color on the test listener, by service and color."
  value       = local.preview_headers
}
