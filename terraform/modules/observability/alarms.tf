# Alarms. Each is a list of queries of which one, without a metric, may compare or add the colors.
locals {
  service_alarms = merge(concat(
    [
      for name, service in local.routed : {
        # No requests at all are no errors, and three failures of ten requests at night are no incident.
        "${name}-5xx-rate" = {
          description = "${name}: more than ${service.error_rate_percent} % of requests answered with 5xx"
          comparison  = "GreaterThanThreshold"
          threshold   = service.error_rate_percent
          periods     = 5
          datapoints  = 3
          users       = true
          queries = concat(
            [{ id = "rate", expression = "IF(requests >= ${service.minimum_requests}, 100 * errors / requests, 0)", metric = null }],
            [{ id = "errors", expression = "FILL(errors_blue, 0) + FILL(errors_green, 0)", metric = null }],
            [{ id = "requests", expression = "FILL(requests_blue, 0) + FILL(requests_green, 0)", metric = null }],
            [for color in local.colors : {
              id         = "errors_${color}"
              expression = null
              metric     = { namespace = "AWS/ApplicationELB", name = "HTTPCode_Target_5XX_Count", stat = "Sum", dimensions = local.target_dimensions[name][color] }
            }],
            [for color in local.colors : {
              id         = "requests_${color}"
              expression = null
              metric     = { namespace = "AWS/ApplicationELB", name = "RequestCount", stat = "Sum", dimensions = local.target_dimensions[name][color] }
            }],
          )
        }

        "${name}-latency" = {
          description = "${name}: 95 of 100 requests take longer than ${service.response_p95_seconds} s in a color"
          comparison  = "GreaterThanThreshold"
          threshold   = service.response_p95_seconds
          periods     = 5
          datapoints  = 3
          users       = true
          queries = concat(
            [{ id = "slower", expression = "MAX([latency_blue, latency_green])", metric = null }],
            [for color in local.colors : {
              id         = "latency_${color}"
              expression = null
              metric     = { namespace = "AWS/ApplicationELB", name = "TargetResponseTime", stat = "p95", dimensions = local.target_dimensions[name][color] }
            }],
          )
        }

        "${name}-unhealthy" = {
          description = "${name}: a target fails its health checks"
          comparison  = "GreaterThanThreshold"
          threshold   = 0
          periods     = 5
          datapoints  = 5
          users       = false
          queries = concat(
            [{ id = "unhealthy", expression = "FILL(hosts_blue, 0) + FILL(hosts_green, 0)", metric = null }],
            [for color in local.colors : {
              id         = "hosts_${color}"
              expression = null
              metric     = { namespace = "AWS/ApplicationELB", name = "UnHealthyHostCount", stat = "Maximum", dimensions = local.target_dimensions[name][color] }
            }],
          )
        }
      }
    ],
    [
      for name, service in local.on_ecs : {
        "${name}-missing-tasks" = {
          description = "${name}: fewer tasks run than are wanted"
          comparison  = "GreaterThanThreshold"
          threshold   = 0
          periods     = 10
          datapoints  = 10
          users       = false
          queries = concat(
            [{
              id         = "missing"
              expression = "FILL(desired_blue, 0) - FILL(running_blue, 0) + FILL(desired_green, 0) - FILL(running_green, 0)"
              metric     = null
            }],
            [for color in local.colors : {
              id         = "desired_${color}"
              expression = null
              metric     = { namespace = "ECS/ContainerInsights", name = "DesiredTaskCount", stat = "Average", dimensions = local.ecs_dimensions[name][color] }
            }],
            [for color in local.colors : {
              id         = "running_${color}"
              expression = null
              metric     = { namespace = "ECS/ContainerInsights", name = "RunningTaskCount", stat = "Average", dimensions = local.ecs_dimensions[name][color] }
            }],
          )
        }

        "${name}-cpu" = {
          description = "${name}: a color uses more than ${service.cpu_percent} % of its CPU"
          comparison  = "GreaterThanThreshold"
          threshold   = service.cpu_percent
          periods     = 10
          datapoints  = 10
          users       = false
          queries = concat(
            [{ id = "highest", expression = "MAX([cpu_blue, cpu_green])", metric = null }],
            [for color in local.colors : {
              id         = "cpu_${color}"
              expression = null
              metric     = { namespace = "AWS/ECS", name = "CPUUtilization", stat = "Average", dimensions = local.ecs_dimensions[name][color] }
            }],
          )
        }

        "${name}-memory" = {
          description = "${name}: a color uses more than ${service.memory_percent} % of its memory"
          comparison  = "GreaterThanThreshold"
          threshold   = service.memory_percent
          periods     = 10
          datapoints  = 10
          users       = false
          queries = concat(
            [{ id = "highest", expression = "MAX([memory_blue, memory_green])", metric = null }],
            [for color in local.colors : {
              id         = "memory_${color}"
              expression = null
              metric     = { namespace = "AWS/ECS", name = "MemoryUtilization", stat = "Average", dimensions = local.ecs_dimensions[name][color] }
            }],
          )
        }
      }
    ],
    [
      for name, service in local.on_ec2 : {
        "${name}-missing-instances" = {
          description = "${name}: fewer instances are in service than are wanted"
          comparison  = "GreaterThanThreshold"
          threshold   = 0
          periods     = 10
          datapoints  = 10
          users       = false
          queries = concat(
            [{
              id         = "missing"
              expression = "FILL(desired_blue, 0) - FILL(running_blue, 0) + FILL(desired_green, 0) - FILL(running_green, 0)"
              metric     = null
            }],
            [for color in local.colors : {
              id         = "desired_${color}"
              expression = null
              metric     = { namespace = "AWS/AutoScaling", name = "GroupDesiredCapacity", stat = "Average", dimensions = local.group_dimensions[name][color] }
            }],
            [for color in local.colors : {
              id         = "running_${color}"
              expression = null
              metric     = { namespace = "AWS/AutoScaling", name = "GroupInServiceInstances", stat = "Average", dimensions = local.group_dimensions[name][color] }
            }],
          )
        }

        "${name}-status" = {
          description = "${name}: an instance fails the status checks of Amazon EC2"
          comparison  = "GreaterThanThreshold"
          threshold   = 0
          periods     = 3
          datapoints  = 3
          users       = false
          queries = concat(
            [{ id = "failed", expression = "MAX([status_blue, status_green])", metric = null }],
            [for color in local.colors : {
              id         = "status_${color}"
              expression = null
              metric     = { namespace = "AWS/EC2", name = "StatusCheckFailed", stat = "Maximum", dimensions = local.group_dimensions[name][color] }
            }],
          )
        }

        "${name}-cpu" = {
          description = "${name}: a color uses more than ${service.cpu_percent} % of its CPU"
          comparison  = "GreaterThanThreshold"
          threshold   = service.cpu_percent
          periods     = 10
          datapoints  = 10
          users       = false
          queries = concat(
            [{ id = "highest", expression = "MAX([cpu_blue, cpu_green])", metric = null }],
            [for color in local.colors : {
              id         = "cpu_${color}"
              expression = null
              metric     = { namespace = "AWS/EC2", name = "CPUUtilization", stat = "Average", dimensions = local.group_dimensions[name][color] }
            }],
          )
        }
      }
    ],
    [
      for name, service in local.counted : {
        "${name}-errors" = {
          description = "${name}: ${service.error_lines_per_minute} or more error lines a minute in its log"
          comparison  = "GreaterThanOrEqualToThreshold"
          threshold   = service.error_lines_per_minute
          periods     = 3
          datapoints  = 3
          users       = false
          queries     = [{ id = "lines", expression = null, metric = { namespace = var.name, name = "${name}-errors", stat = "Sum", dimensions = {} } }]
        }
      }
    ],
  )...)

  # What is wrong with a database, by metric; bytes and milliseconds are what CloudWatch has.
  database_alarms = merge(flatten([
    for name, database in local.watched : [
      {
        "${name}-database-cpu" = {
          description = "${name}: the database uses more than ${database.cpu_percent} % of its CPU"
          comparison  = "GreaterThanThreshold"
          threshold   = database.cpu_percent
          metric      = "CPUUtilization"
          stat        = "Average"
          dimensions  = local.database_dimensions[name]
        }
      },
      [
        for threshold in database.kind == "instance" ? [database.free_storage_gib] : [] : {
          "${name}-database-storage" = {
            description = "${name}: the database has less than ${threshold} GiB of free storage"
            comparison  = "LessThanThreshold"
            threshold   = threshold * 1024 * 1024 * 1024
            metric      = "FreeStorageSpace"
            stat        = "Minimum"
            dimensions  = local.database_dimensions[name]
          }
        }
      ],
      [
        for threshold in database.connections == null ? [] : [database.connections] : {
          "${name}-database-connections" = {
            description = "${name}: the database has more than ${threshold} connections"
            comparison  = "GreaterThanThreshold"
            threshold   = threshold
            metric      = "DatabaseConnections"
            stat        = "Maximum"
            dimensions  = local.database_dimensions[name]
          }
        }
      ],
      [
        for threshold in database.replica_lag_seconds == null ? [] : [database.replica_lag_seconds] : {
          "${name}-database-lag" = {
            description = "${name}: the replica is more than ${threshold} s behind"
            comparison  = "GreaterThanThreshold"
            threshold   = database.kind == "cluster" ? threshold * 1000 : threshold
            metric      = database.kind == "cluster" ? "AuroraGlobalDBReplicationLag" : "ReplicaLag"
            stat        = "Maximum"
            dimensions  = local.database_dimensions[name]
          }
        }
      ],
    ]
  ])...)

  alarms = merge(
    local.service_alarms,
    {
      for key, alarm in local.database_alarms : key => {
        description = alarm.description
        comparison  = alarm.comparison
        threshold   = alarm.threshold
        periods     = 5
        datapoints  = 5
        users       = false
        queries = [{
          id         = "value"
          expression = null
          metric     = { namespace = "AWS/RDS", name = alarm.metric, stat = alarm.stat, dimensions = alarm.dimensions }
        }]
      }
    },
  )

  user_alarms = [for key, alarm in local.alarms : key if alarm.users]
  composites  = toset(var.alarms_enabled && var.composite_alarm_enabled && length(local.user_alarms) > 0 ? ["composite"] : [])

  alarm_arns = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.arn }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = { for key, alarm in local.alarms : key => alarm if var.alarms_enabled }

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.datapoints
  alarm_actions       = [aws_sns_topic.alarms["alarms"].arn]
  ok_actions          = [aws_sns_topic.alarms["alarms"].arn]
  tags                = var.tags

  # An idle color, a stopped environment and a quiet night measure nothing, and nothing is wrong with them.
  treat_missing_data = "notBreaching"

  dynamic "metric_query" {
    for_each = { for position, query in each.value.queries : query.id => merge(query, { first = position == 0 }) }

    content {
      id          = metric_query.key
      expression  = metric_query.value.expression
      label       = metric_query.key
      return_data = metric_query.value.first

      dynamic "metric" {
        for_each = metric_query.value.metric == null ? [] : [metric_query.value.metric]

        content {
          namespace   = metric.value.namespace
          metric_name = metric.value.name
          dimensions  = metric.value.dimensions
          stat        = metric.value.stat
          period      = 60
        }
      }
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "users_affected" {
  for_each = local.composites

  alarm_name        = "${var.name}-users-affected"
  alarm_description = "Users of a service of ${var.name} see errors or wait"
  alarm_rule        = join(" OR ", [for key in local.user_alarms : "ALARM(\"${aws_cloudwatch_metric_alarm.this[key].alarm_name}\")"])
  alarm_actions     = [aws_sns_topic.alarms["alarms"].arn]
  ok_actions        = [aws_sns_topic.alarms["alarms"].arn]
  tags              = var.tags
}
