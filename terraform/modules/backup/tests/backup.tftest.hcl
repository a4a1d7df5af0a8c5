# The plan, its vaults and copies, and the inputs that are refused.
mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:eu-west-1:111122223333:backup-vault:shop-prod" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/shop-prod-backup" }
  }
}

mock_provider "aws" {
  alias = "copy"

  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:eu-central-1:111122223333:backup-vault:shop-prod-copy" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
  }
}

variables {
  name           = "shop-prod"
  retention_days = 35
  resource_tags  = { project = "shop", backup = "true" }
}

run "backs_up_what_carries_all_of_the_tags" {
  assert {
    condition = toset([for each in one(aws_backup_selection.tagged[0].condition).string_equals : "${each.key}=${each.value}"]) == toset([
      "aws:ResourceTag/project=shop", "aws:ResourceTag/backup=true",
    ])
    error_message = "What carries one of the tags would do."
  }

  assert {
    condition     = length(aws_backup_selection.named) == 0
    error_message = "Something is selected that was not named."
  }
}

run "encrypts_with_a_key_that_changes_yearly" {
  assert {
    condition     = aws_backup_vault.this.kms_key_arn == aws_kms_key.this[0].arn && aws_kms_key.this[0].enable_key_rotation
    error_message = "The vault is not encrypted with the key of the module, or that never changes."
  }
}

run "keeps_backups_as_long_as_asked" {
  assert {
    condition = (
      one(aws_backup_plan.this.rule).lifecycle[0].delete_after == 35 &&
      one(aws_backup_plan.this.rule).schedule == "cron(0 3 * * ? *)" &&
      length(one(aws_backup_plan.this.rule).copy_action) == 0 &&
      length(aws_backup_vault.copy) == 0
    )
    error_message = "Backups are not kept for 35 days, not taken at 3, or copied without being asked."
  }
}

run "copies_to_a_vault_of_the_other_region_with_a_key_of_that_region" {
  variables {
    copy_retention_days = 90
  }

  assert {
    condition = (
      one(one(aws_backup_plan.this.rule).copy_action).destination_vault_arn == "arn:aws:backup:eu-central-1:111122223333:backup-vault:shop-prod-copy" &&
      one(one(aws_backup_plan.this.rule).copy_action).lifecycle[0].delete_after == 90 &&
      startswith(aws_backup_vault.copy[0].kms_key_arn, "arn:aws:kms:eu-central-1:")
    )
    error_message = "The copy does not go to the other region for 90 days."
  }
}

run "locks_both_vaults" {
  variables {
    copy_retention_days = 35
    vault_lock          = { mode = "governance", min_retention_days = 7 }
  }

  assert {
    condition = alltrue([
      for lock in [aws_backup_vault_lock_configuration.this[0], aws_backup_vault_lock_configuration.copy[0]] :
      lock.min_retention_days == 7 && lock.changeable_for_days == null
    ])
    error_message = "A vault is not locked, or so that nobody can ever lift it."
  }
}

run "changes_no_database_unless_backups_are_continuous" {
  assert {
    condition     = !contains(flatten(data.aws_iam_policy_document.role.statement[*].actions), "rds:ModifyDBInstance")
    error_message = "The role may change databases."
  }
}

run "takes_weekly_monthly_and_listed_schedules" {
  command = plan

  variables {
    schedule = "cron(15/30 1-3,22 ? JAN-MAR MON#1 2026-2030)"
  }
}

run "takes_the_last_day_of_the_month" {
  command = plan

  variables {
    schedule = "cron(0 5 L * ? *)"
  }
}

run "refuses_five_fields" {
  command = plan

  variables {
    schedule = "0 3 * * *"
  }

  expect_failures = [var.schedule]
}

run "refuses_both_days_at_once" {
  command = plan

  variables {
    schedule = "cron(0 3 * * * *)"
  }

  expect_failures = [var.schedule]
}

run "refuses_an_hour_that_no_day_has" {
  command = plan

  variables {
    schedule = "cron(0 24 * * ? *)"
  }

  expect_failures = [var.schedule]
}

run "refuses_sunday_as_0" {
  command = plan

  variables {
    schedule = "cron(0 3 ? * 0 *)"
  }

  expect_failures = [var.schedule]
}

run "refuses_a_question_mark_for_the_hour" {
  command = plan

  variables {
    schedule = "cron(0 ? * * MON *)"
  }

  expect_failures = [var.schedule]
}

run "refuses_to_select_nothing" {
  command = plan

  variables {
    resource_tags = {}
  }

  expect_failures = [var.resource_arns]
}

run "refuses_to_select_the_whole_account" {
  command = plan

  variables {
    resource_arns = ["*"]
  }

  expect_failures = [var.resource_arns]
}

run "refuses_a_compliance_lock_without_time_to_change_ones_mind" {
  command = plan

  variables {
    vault_lock = { mode = "compliance" }
  }

  expect_failures = [var.vault_lock]
}

run "refuses_a_governance_lock_that_would_become_compliance" {
  command = plan

  variables {
    vault_lock = { mode = "governance", changeable_for_days = 3 }
  }

  expect_failures = [var.vault_lock]
}

run "refuses_backups_that_the_lock_would_refuse" {
  command = plan

  variables {
    vault_lock = { mode = "governance", max_retention_days = 30 }
  }

  expect_failures = [var.retention_days]
}

run "refuses_continuous_backups_for_longer_than_35_days" {
  command = plan

  variables {
    continuous     = true
    retention_days = 36
  }

  expect_failures = [var.retention_days]
}

run "refuses_a_completion_window_within_the_start_window" {
  command = plan

  variables {
    start_window_minutes = 360
  }

  expect_failures = [var.completion_window_minutes]
}

run "refuses_a_copy_without_a_key_of_its_region" {
  command = plan

  variables {
    create_kms_key      = false
    kms_key_arn         = "arn:aws:kms:eu-west-1:111122223333:key/0"
    copy_retention_days = 35
  }

  expect_failures = [var.copy_kms_key_arn]
}

run "refuses_to_tell_a_topic_that_is_not_named" {
  command = plan

  variables {
    notify = true
  }

  expect_failures = [var.notify]
}

run "takes_a_day_of_the_month_or_a_weekday" {
  command = plan

  variables {
    schedule       = "cron(0 3 1 * ? *)"
    more_schedules = ["cron(0 3 ? * MON *)"]
  }

  assert {
    condition     = toset(aws_backup_plan.this.rule[*].schedule) == toset(["cron(0 3 1 * ? *)", "cron(0 3 ? * MON *)"])
    error_message = "A schedule has no rule of its own."
  }
}

run "refuses_a_further_schedule_that_is_none" {
  command = plan

  variables {
    more_schedules = ["cron(0 3 * * * *)"]
  }

  expect_failures = [var.more_schedules]
}
