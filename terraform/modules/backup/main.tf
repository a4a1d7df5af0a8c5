# The vault, the plan and what it selects.
data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

locals {
  # What AWS takes in each field of a cron expression, in the order of the fields.
  cron_names = {
    month = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
    day   = "SUN|MON|TUE|WED|THU|FRI|SAT"
  }
  cron_values = [
    "[0-5]?[0-9]",
    "[01]?[0-9]|2[0-3]",
    "0?[1-9]|[12][0-9]|3[01]",
    "0?[1-9]|1[0-2]|${local.cron_names.month}",
    "[1-7]|${local.cron_names.day}",
    "19[7-9][0-9]|20[0-9][0-9]|21[0-9][0-9]",
  ]
  cron_special = ["", "", "\\?|L|LW|(0?[1-9]|[12][0-9]|3[01])W", "", "\\?|L|(${local.cron_values[4]})(L|#[1-5])", ""]
  cron_lists = [
    for value in local.cron_values :
    "(\\*|(${value})(-(${value}))?)(/[1-9][0-9]*)?(,(${value})(-(${value}))?(/[1-9][0-9]*)?)*"
  ]
  cron_fields = [
    for index, list in local.cron_lists :
    local.cron_special[index] == "" ? "^(${list})$" : "^(${list}|${local.cron_special[index]})$"
  ]

  kms_key_arn = var.create_kms_key ? aws_kms_key.this[0].arn : var.kms_key_arn
  copies      = var.copy_retention_days != null
}

resource "aws_backup_vault" "this" {
  name        = var.name
  kms_key_arn = local.kms_key_arn
  tags        = var.tags
}

resource "aws_backup_vault_lock_configuration" "this" {
  count = var.vault_lock == null ? 0 : 1

  backup_vault_name   = aws_backup_vault.this.name
  min_retention_days  = var.vault_lock.min_retention_days
  max_retention_days  = var.vault_lock.max_retention_days
  changeable_for_days = var.vault_lock.changeable_for_days
}

resource "aws_backup_vault_notifications" "this" {
  count = var.notify ? 1 : 0

  backup_vault_name   = aws_backup_vault.this.name
  sns_topic_arn       = var.notification_topic_arn
  backup_vault_events = ["BACKUP_JOB_EXPIRED", "BACKUP_JOB_FAILED", "COPY_JOB_FAILED"]
}

resource "aws_backup_plan" "this" {
  name = var.name
  tags = var.tags

  # A day of the month or a weekday takes two rules: AWS has no expression for it.
  dynamic "rule" {
    for_each = merge({ scheduled = var.schedule }, { for index, schedule in var.more_schedules : "scheduled-${index + 2}" => schedule })

    content {
      rule_name                    = rule.key
      target_vault_name            = aws_backup_vault.this.name
      schedule                     = rule.value
      schedule_expression_timezone = var.schedule_timezone
      start_window                 = var.start_window_minutes
      completion_window            = var.completion_window_minutes
      enable_continuous_backup     = var.continuous
      recovery_point_tags          = var.tags

      lifecycle {
        delete_after = var.retention_days
      }

      dynamic "copy_action" {
        for_each = aws_backup_vault.copy

        content {
          destination_vault_arn = copy_action.value.arn

          lifecycle {
            delete_after = var.copy_retention_days
          }
        }
      }
    }
  }
}

resource "aws_backup_selection" "tagged" {
  count = length(var.resource_tags) > 0 ? 1 : 0

  name         = "tagged"
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.this.arn
  resources    = ["*"]

  # All conditions have to hold; selection_tag would take what has any of the tags.
  condition {
    dynamic "string_equals" {
      for_each = var.resource_tags

      content {
        key   = "aws:ResourceTag/${string_equals.key}"
        value = string_equals.value
      }
    }
  }
}

resource "aws_backup_selection" "named" {
  count = length(var.resource_arns) > 0 ? 1 : 0

  name         = "named"
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.this.arn
  resources    = var.resource_arns
}
