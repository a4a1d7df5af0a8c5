# The dashboard: a row for each service, then a row for each database.
locals {
  row_height = 6
  widths     = [5, 5, 5, 5, 4]
  offsets    = [0, 5, 10, 15, 20]

  # Charts of a row, left to right; a chart without metrics is left out.
  service_charts = {
    for name, service in var.services : name => [
      {
        title = "${name}: requests a minute"
        stat  = "Sum"
        metrics = [for color, dimensions in try(local.target_dimensions[name], {}) :
          { namespace = "AWS/ApplicationELB", name = "RequestCount", label = color, dimensions = dimensions }
        ]
      },
      {
        title = "${name}: 5xx a minute"
        stat  = "Sum"
        metrics = [for color, dimensions in try(local.target_dimensions[name], {}) :
          { namespace = "AWS/ApplicationELB", name = "HTTPCode_Target_5XX_Count", label = color, dimensions = dimensions }
        ]
      },
      {
        title = "${name}: p95 latency (s)"
        stat  = "p95"
        metrics = [for color, dimensions in try(local.target_dimensions[name], {}) :
          { namespace = "AWS/ApplicationELB", name = "TargetResponseTime", label = color, dimensions = dimensions }
        ]
      },
      {
        title = service.ecs == null ? "${name}: CPU (%)" : "${name}: CPU and memory (%)"
        stat  = "Average"
        metrics = concat(
          [for color, dimensions in try(local.ecs_dimensions[name], {}) :
            { namespace = "AWS/ECS", name = "CPUUtilization", label = "CPU ${color}", dimensions = dimensions }
          ],
          [for color, dimensions in try(local.ecs_dimensions[name], {}) :
            { namespace = "AWS/ECS", name = "MemoryUtilization", label = "memory ${color}", dimensions = dimensions }
          ],
          [for color, dimensions in try(local.group_dimensions[name], {}) :
            { namespace = "AWS/EC2", name = "CPUUtilization", label = "CPU ${color}", dimensions = dimensions }
          ],
        )
      },
      {
        title = "${name}: instances"
        stat  = "Average"
        metrics = concat(
          [for color, dimensions in try(local.ecs_dimensions[name], {}) :
            { namespace = "ECS/ContainerInsights", name = "RunningTaskCount", label = color, dimensions = dimensions }
          ],
          [for color, dimensions in try(local.group_dimensions[name], {}) :
            { namespace = "AWS/AutoScaling", name = "GroupInServiceInstances", label = color, dimensions = dimensions }
          ],
        )
      },
    ]
  }

  database_charts = {
    for name, database in local.watched : name => [
      for chart in [
        { title = "CPU (%)", metric = "CPUUtilization", shown = true },
        { title = "connections", metric = "DatabaseConnections", shown = true },
        { title = "free storage (bytes)", metric = "FreeStorageSpace", shown = database.kind == "instance" },
        { title = "free memory (bytes)", metric = "FreeableMemory", shown = true },
        {
          title  = database.kind == "cluster" ? "lag (ms)" : "lag (s)"
          metric = database.kind == "cluster" ? "AuroraGlobalDBReplicationLag" : "ReplicaLag"
          shown  = database.replica_lag_seconds != null
        },
        ] : {
        title = "${name}: ${chart.title}"
        stat  = "Average"
        metrics = [for shown in chart.shown ? [true] : [] :
          { namespace = "AWS/RDS", name = chart.metric, label = database.identifier, dimensions = local.database_dimensions[name] }
        ]
      }
    ]
  }

  rows = concat(
    [for name in sort(keys(local.service_charts)) : local.service_charts[name]],
    [for name in sort(keys(local.database_charts)) : local.database_charts[name]],
  )

  widgets = flatten([
    for row, charts in local.rows : [
      for column, chart in charts : {
        type   = "metric"
        x      = local.offsets[column]
        y      = row * local.row_height
        width  = local.widths[column]
        height = local.row_height
        properties = {
          title  = chart.title
          region = local.region
          view   = "timeSeries"
          period = 60
          stat   = chart.stat
          yAxis  = { left = { min = 0 } }
          metrics = [
            for metric in chart.metrics : concat(
              [metric.namespace, metric.name],
              flatten([for dimension in sort(keys(metric.dimensions)) : [dimension, metric.dimensions[dimension]]]),
              [merge({ label = metric.label }, lookup(local.chart_colors, metric.label, {}))],
            )
          ]
        }
      } if length(chart.metrics) > 0
    ]
  ])

  # Blue and green look like themselves; other lines are left to CloudWatch.
  chart_colors = {
    blue  = { color = "#1f77b4" }
    green = { color = "#2ca02c" }
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  for_each = toset(var.dashboard_enabled ? ["dashboard"] : [])

  dashboard_name = var.name
  dashboard_body = jsonencode({ widgets = local.widgets })

  lifecycle {
    precondition {
      condition     = length(local.widgets) <= 500
      error_message = "A dashboard of CloudWatch holds 500 charts (100 services): watch the services in several dashboards."
    }
  }
}
