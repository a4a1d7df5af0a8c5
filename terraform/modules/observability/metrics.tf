# Names of metrics and dimensions that alarms and dashboard share.
locals {
  colors = ["blue", "green"]

  routed   = { for name, service in var.services : name => service if service.target_group_arns != null }
  on_ecs   = { for name, service in var.services : name => service if service.ecs != null }
  on_ec2   = { for name, service in var.services : name => service if service.autoscaling_group_names != null }
  counted  = { for name, service in var.services : name => service if service.error_log_pattern != null }
  watched  = { for name, database in var.databases : name => database }
  balancer = var.load_balancer_arn == null ? "" : try(split(":loadbalancer/", var.load_balancer_arn)[1], "")

  # targetgroup/NAME/ID and app/NAME/ID, as the dimensions of AWS/ApplicationELB are written.
  target_dimensions = {
    for name, service in local.routed : name => {
      for color in local.colors : color => {
        TargetGroup  = split(":", service.target_group_arns[color])[5]
        LoadBalancer = local.balancer
      }
    }
  }

  ecs_dimensions = {
    for name, service in local.on_ecs : name => {
      for color in local.colors : color => {
        ClusterName = service.ecs.cluster_name
        ServiceName = service.ecs.service_names[color]
      }
    }
  }

  group_dimensions = {
    for name, service in local.on_ec2 : name => {
      for color in local.colors : color => { AutoScalingGroupName = service.autoscaling_group_names[color] }
    }
  }

  database_dimensions = {
    for name, database in local.watched : name => (
      database.kind == "cluster"
      ? tomap({ DBClusterIdentifier = database.identifier })
      : tomap({ DBInstanceIdentifier = database.identifier })
    )
  }
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  for_each = local.counted

  name           = "${var.name}-${each.key}-errors"
  log_group_name = each.value.log_group_name
  pattern        = each.value.error_log_pattern

  metric_transformation {
    namespace     = var.name
    name          = "${each.key}-errors"
    value         = "1"
    default_value = "0"
    unit          = "Count"
  }
}
