# Schedules that call Amazon RDS by themselves: no function to keep.
data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

data "aws_region" "this" {}

locals {
  partition = data.aws_partition.this.partition
  place     = "${data.aws_region.this.name}:${data.aws_caller_identity.this.account_id}"

  # What each kind is called in the calls and in ARNs.
  kinds = {
    instance = { call = "DBInstance", field = "DbInstanceIdentifier", resource = "db" }
    cluster  = { call = "DBCluster", field = "DbClusterIdentifier", resource = "cluster" }
  }

  calls = merge(flatten([
    for key, database in var.databases : [
      for name, schedule in var.schedules : [
        for action, moments in { stop = schedule.stop, start = schedule.start } : {
          for index, moment in moments : "${key}/${name}/${action}/${index + 1}" => {
            name       = "${name}-${action}-${key}-${index + 1}"
            action     = action
            moment     = moment
            timezone   = schedule.timezone
            kind       = local.kinds[database.kind]
            identifier = database.identifier
          }
        }
      ]
    ]
  ])...)
}

resource "aws_scheduler_schedule_group" "this" {
  name = var.name
  tags = var.tags
}

resource "aws_scheduler_schedule" "this" {
  for_each = local.calls

  # A name has 64 characters at most, and only has to be unique in the group.
  name                         = length(each.value.name) <= 64 ? each.value.name : substr(sha256(each.value.name), 0, 32)
  description                  = "${each.value.action} ${each.value.identifier}"
  group_name                   = aws_scheduler_schedule_group.this.name
  schedule_expression          = each.value.moment
  schedule_expression_timezone = each.value.timezone

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:${local.partition}:scheduler:::aws-sdk:rds:${each.value.action}${each.value.kind.call}"
    role_arn = aws_iam_role.this.arn
    input    = jsonencode({ (each.value.kind.field) = each.value.identifier })

    # A database that is stopped already, or is just being backed up, is not asked for hours.
    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 5
    }
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}

data "aws_iam_policy_document" "this" {
  dynamic "statement" {
    for_each = var.databases

    content {
      actions   = [for action in ["Start", "Stop"] : "rds:${action}${local.kinds[statement.value.kind].call}"]
      resources = ["arn:${local.partition}:rds:${local.place}:${local.kinds[statement.value.kind].resource}:${statement.value.identifier}"]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = "${var.name}-idle"
  description        = "Stops and starts the databases of ${var.name} by schedule"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "this" {
  name   = "databases"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}
