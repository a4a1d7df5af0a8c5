# Databases are stopped and started, and nothing else may be.
mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = {
      account_id = "111122223333"
    }
  }

  mock_data "aws_partition" {
    defaults = {
      partition = "aws"
    }
  }

  mock_data "aws_region" {
    defaults = {
      name = "ap-northeast-1"
    }
  }

  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
    }
  }

  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::111122223333:role/shop-dev-idle"
    }
  }
}

variables {
  name      = "shop-dev"
  databases = { main = { identifier = "shop-dev" }, wide = { identifier = "shop-wide", kind = "cluster" } }

  schedules = {
    nights = {
      stop     = ["cron(0 20 13 * ? *)", "cron(0 20 ? * FRI *)"]
      start    = ["cron(0 8 ? * MON-FRI *)"]
      timezone = "Asia/Tokyo"
    }
  }
}

run "stops_and_starts" {
  command = apply

  assert {
    condition     = length(output.schedule_names) == 6
    error_message = "Each moment of each database is a schedule."
  }

  assert {
    condition = (
      aws_scheduler_schedule.this["main/nights/stop/1"].target[0].arn == "arn:aws:scheduler:::aws-sdk:rds:stopDBInstance" &&
      jsondecode(aws_scheduler_schedule.this["main/nights/stop/1"].target[0].input).DbInstanceIdentifier == "shop-dev" &&
      aws_scheduler_schedule.this["wide/nights/start/1"].target[0].arn == "arn:aws:scheduler:::aws-sdk:rds:startDBCluster"
    )
    error_message = "A schedule calls something else."
  }

  assert {
    condition     = toset(flatten(data.aws_iam_policy_document.this.statement[*].resources)) == toset(["arn:aws:rds:ap-northeast-1:111122223333:db:shop-dev", "arn:aws:rds:ap-northeast-1:111122223333:cluster:shop-wide"])
    error_message = "The role reaches other databases."
  }
}

run "refuses_to_stop_without_starting" {
  command = plan

  variables {
    schedules = { nights = { stop = ["cron(0 20 * * ? *)"], start = [] } }
  }

  expect_failures = [var.schedules]
}

run "refuses_five_fields" {
  command = plan

  variables {
    schedules = { nights = { stop = ["0 20 * * *"], start = ["cron(0 8 * * ? *)"] } }
  }

  expect_failures = [var.schedules]
}

run "refuses_another_kind" {
  command = plan

  variables {
    databases = { main = { identifier = "x", kind = "table" } }
  }

  expect_failures = [var.databases]
}
