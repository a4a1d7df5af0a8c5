# Alarms, dashboard, who is told, and what is refused.
mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { name = "ap-northeast-1" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:ap-northeast-1:111122223333:key/00000000-0000-0000-0000-000000000000" }
  }

  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:ap-northeast-1:111122223333:shop-prod-alarms" }
  }
}

variables {
  name              = "shop-prod"
  notify_emails     = ["ops@example.com"]
  load_balancer_arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/app/shop-prod/0123456789abcdef"
  tags              = { project = "shop" }

  services = {
    web = {
      target_group_arns = {
        blue  = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:targetgroup/web-blue/1111111111111111"
        green = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:targetgroup/web-green/2222222222222222"
      }
      ecs                  = { cluster_name = "shop-prod", service_names = { blue = "web-blue", green = "web-green" } }
      response_p95_seconds = 0.5
      log_group_name       = "/shop/prod/web"
      error_log_pattern    = "{ $.level = \"error\" }"
    }
    worker = {
      ecs = { cluster_name = "shop-prod", service_names = { blue = "worker-blue", green = "worker-green" } }
    }
    legacy = {
      autoscaling_group_names = { blue = "shop-prod-legacy-blue", green = "shop-prod-legacy-green" }
    }
  }

  databases = {
    orders = { identifier = "shop-prod", connections = 400 }
  }
}

run "alarms_of_each_service" {
  command = apply

  assert {
    condition = toset(keys(output.alarm_arns)) == toset([
      "web-5xx-rate", "web-latency", "web-unhealthy", "web-missing-tasks", "web-cpu", "web-memory", "web-errors",
      "worker-missing-tasks", "worker-cpu", "worker-memory",
      "legacy-missing-instances", "legacy-status", "legacy-cpu",
      "orders-database-cpu", "orders-database-storage", "orders-database-connections",
    ])
    error_message = "each service must have the alarms of what it runs on"
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.treat_missing_data == "notBreaching"])
    error_message = "silence is no error: no requests are no 5xx"
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : length([for query in alarm.metric_query : query.id if query.return_data]) == 1])
    error_message = "exactly one query of an alarm may be compared with the threshold"
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_actions == toset([output.topic_arn])])
    error_message = "each alarm must tell the topic"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["web-latency"].threshold == 0.5 && aws_cloudwatch_metric_alarm.this["web-5xx-rate"].threshold == 5
    error_message = "thresholds must be the service's"
  }
}

run "errors_are_a_share_of_enough_requests" {
  command = apply

  assert {
    condition     = one([for query in aws_cloudwatch_metric_alarm.this["web-5xx-rate"].metric_query : query.expression if query.return_data]) == "IF(requests >= 20, 100 * errors / requests, 0)"
    error_message = "the rate must be taken of both colors together, and only of enough requests"
  }

  assert {
    condition = one([for query in aws_cloudwatch_metric_alarm.this["web-5xx-rate"].metric_query : query.metric[0].dimensions if query.id == "errors_green"]) == tomap({
      LoadBalancer = "app/shop-prod/0123456789abcdef"
      TargetGroup  = "targetgroup/web-green/2222222222222222"
    })
    error_message = "errors must be counted at the target group of the color"
  }

  assert {
    condition     = one([for query in aws_cloudwatch_metric_alarm.this["web-latency"].metric_query : query.metric[0].stat if query.id == "latency_blue"]) == "p95"
    error_message = "latency must be the 95th percentile"
  }
}

run "storage_in_bytes" {
  command = apply

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["orders-database-storage"].threshold == 5368709120 && aws_cloudwatch_metric_alarm.this["orders-database-storage"].comparison_operator == "LessThanThreshold"
    error_message = "CloudWatch counts free storage in bytes"
  }
}

run "aurora_and_replica" {
  command = apply

  variables {
    services = {}
    databases = {
      orders  = { identifier = "shop-prod", kind = "cluster" }
      copy    = { identifier = "shop-prod-replica", kind = "cluster", replica_lag_seconds = 30 }
      reports = { identifier = "reports-replica", replica_lag_seconds = 60 }
    }
  }

  assert {
    condition     = toset(keys(output.alarm_arns)) == toset(["orders-database-cpu", "copy-database-cpu", "copy-database-lag", "reports-database-cpu", "reports-database-storage", "reports-database-lag"])
    error_message = "a cluster grows by itself; a copy must not fall behind"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["copy-database-lag"].threshold == 30000 && aws_cloudwatch_metric_alarm.this["reports-database-lag"].threshold == 60
    error_message = "Aurora counts milliseconds, Amazon RDS seconds"
  }

  assert {
    condition     = one(aws_cloudwatch_metric_alarm.this["copy-database-cpu"].metric_query).metric[0].dimensions == tomap({ DBClusterIdentifier = "shop-prod-replica" })
    error_message = "a cluster is measured as a cluster"
  }
}

run "encrypted_topic" {
  command = apply

  assert {
    condition     = aws_sns_topic.alarms["alarms"].kms_master_key_id == aws_kms_key.topic["alarms"].arn && aws_kms_key.topic["alarms"].enable_key_rotation
    error_message = "messages must be encrypted with a key that alarms may use"
  }

  assert {
    condition     = aws_sns_topic_subscription.email["ops@example.com"].protocol == "email"
    error_message = "each address must be subscribed"
  }
}

run "dashboard_with_a_row_for_each" {
  command = apply

  assert {
    condition     = length(distinct([for widget in jsondecode(aws_cloudwatch_dashboard.this["dashboard"].dashboard_body).widgets : widget.y])) == 4
    error_message = "three services and a database must have a row each"
  }

  assert {
    condition     = [for widget in jsondecode(aws_cloudwatch_dashboard.this["dashboard"].dashboard_body).widgets : widget.properties.title if strcontains(widget.properties.title, "web:")] == ["web: requests a minute", "web: 5xx a minute", "web: p95 latency (s)", "web: CPU and memory (%)", "web: instances"]
    error_message = "a row must show requests, errors, latency, use and instances"
  }

  assert {
    condition = [for widget in jsondecode(aws_cloudwatch_dashboard.this["dashboard"].dashboard_body).widgets : widget.properties.metrics if widget.properties.title == "web: requests a minute"][0] == [
      ["AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/shop-prod/0123456789abcdef", "TargetGroup", "targetgroup/web-blue/1111111111111111", { label = "blue", color = "#1f77b4" }],
      ["AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/shop-prod/0123456789abcdef", "TargetGroup", "targetgroup/web-green/2222222222222222", { label = "green", color = "#2ca02c" }],
    ]
    error_message = "requests must be shown by color"
  }

  assert {
    condition     = alltrue([for widget in jsondecode(aws_cloudwatch_dashboard.this["dashboard"].dashboard_body).widgets : widget.x + widget.width <= 24 && length(widget.properties.metrics) > 0])
    error_message = "charts must fit the width of the dashboard and show something"
  }
}

run "composite" {
  command = apply

  variables {
    composite_alarm_enabled = true
  }

  assert {
    condition     = aws_cloudwatch_composite_alarm.users_affected["composite"].alarm_rule == "ALARM(\"shop-prod-web-5xx-rate\") OR ALARM(\"shop-prod-web-latency\")"
    error_message = "users are affected by errors and latency"
  }
}

run "switched_off" {
  command = plan

  variables {
    alarms_enabled    = false
    dashboard_enabled = false
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) == 0 && length(aws_sns_topic.alarms) == 0 && length(aws_cloudwatch_dashboard.this) == 0
    error_message = "nothing that costs money must be made"
  }
}

run "refuses_a_service_that_runs_on_two_things" {
  command = plan

  variables {
    services = {
      web = {
        ecs                     = { cluster_name = "shop-prod", service_names = { blue = "web-blue", green = "web-green" } }
        autoscaling_group_names = { blue = "web-blue", green = "web-green" }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_pattern_without_log" {
  command = plan

  variables {
    services = { web = { error_log_pattern = "ERROR" } }
  }

  expect_failures = [var.services]
}

run "refuses_a_rate_above_hundred" {
  command = plan

  variables {
    services = { web = { error_rate_percent = 500 } }
  }

  expect_failures = [var.services]
}

run "refuses_a_word_as_mail_address" {
  command = plan

  variables {
    notify_emails = ["ops"]
  }

  expect_failures = [var.notify_emails]
}

run "refuses_an_unknown_kind_of_database" {
  command = plan

  variables {
    databases = { orders = { identifier = "shop-prod", kind = "serverless" } }
  }

  expect_failures = [var.databases]
}
