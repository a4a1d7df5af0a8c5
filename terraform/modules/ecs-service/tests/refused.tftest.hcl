# What the service refuses before AWS is asked.

mock_provider "aws" {}

variables {
  name               = "web"
  family             = "shop-prod-web"
  cluster_name       = "shop-prod"
  cluster_arn        = "arn:aws:ecs:ap-northeast-1:111122223333:cluster/shop-prod"
  image              = "registry.example.com/shop/web:none"
  subnet_ids         = ["subnet-0123456789abcdef0"]
  security_group_ids = ["sg-0123456789abcdef0"]
  log_group_name     = "/shop/prod/web"
  role_names         = { execution = "shop-prod-web-execution", task = "shop-prod-web-task" }
}

run "memory_that_fargate_does_not_have" {
  command = plan

  variables {
    cpu    = 256
    memory = 4096
  }

  expect_failures = [var.memory]
}

run "memory_between_two_steps" {
  command = plan

  variables {
    cpu    = 1024
    memory = 2500
  }

  expect_failures = [var.memory]
}

run "memory_between_two_steps_of_8_cores" {
  command = plan

  variables {
    cpu    = 8192
    memory = 17408
  }

  expect_failures = [var.memory]
}

run "cpu_that_fargate_does_not_have" {
  command = plan

  variables {
    cpu = 300
  }

  expect_failures = [var.cpu]
}

run "architecture_that_is_none" {
  command = plan

  variables {
    cpu_architecture = "arm64"
  }

  expect_failures = [var.cpu_architecture]
}

run "storage_below_the_free_one" {
  command = plan

  variables {
    ephemeral_storage_gib = 20
  }

  expect_failures = [var.ephemeral_storage_gib]
}

run "image_with_spaces" {
  command = plan

  variables {
    image = "shop web"
  }

  expect_failures = [var.image]
}

run "every_repository" {
  command = plan

  variables {
    repository_arns = ["arn:aws:ecr:ap-northeast-1:111122223333:repository/*"]
  }

  expect_failures = [var.repository_arns]
}

run "secret_that_is_a_value" {
  command = plan

  variables {
    secrets = { DATABASE_URL = "postgres://shop" }
  }

  expect_failures = [var.secrets]
}

run "variable_given_twice" {
  command = plan

  variables {
    environment = { TOKEN = "a" }
    secrets     = { TOKEN = "arn:aws:ssm:ap-northeast-1:111122223333:parameter/TOKEN" }
  }

  expect_failures = [var.secrets]
}

run "variable_with_a_hyphen" {
  command = plan

  variables {
    environment = { LOG-LEVEL = "info" }
  }

  expect_failures = [var.environment]
}

run "root" {
  command = plan

  variables {
    user = "0:0"
  }

  expect_failures = [var.user]
}

run "writable_path_that_is_relative" {
  command = plan

  variables {
    writable_paths = ["tmp"]
  }

  expect_failures = [var.writable_paths]
}

run "health_check_without_cmd" {
  command = plan

  variables {
    health_check = { command = ["node", "health.js"] }
  }

  expect_failures = [var.health_check]
}

run "health_check_too_often" {
  command = plan

  variables {
    health_check = { command = ["CMD", "true"], interval_seconds = 1 }
  }

  expect_failures = [var.health_check]
}

run "grace_longer_than_fargate_waits" {
  command = plan

  variables {
    stop_timeout_seconds = 300
  }

  expect_failures = [var.stop_timeout_seconds]
}

run "ec2_without_capacity_provider" {
  command = plan

  variables {
    capacity = "ec2"
  }

  expect_failures = [var.capacity_provider_name]
}

run "spot_for_none" {
  command = plan

  variables {
    spot_percent = 0
  }

  expect_failures = [var.spot_percent]
}

run "retention_that_cloudwatch_does_not_have" {
  command = plan

  variables {
    log_retention_days = 10
  }

  expect_failures = [var.log_retention_days]
}

run "one_role_for_both" {
  command = plan

  variables {
    role_names = { execution = "shop", task = "shop" }
  }

  expect_failures = [var.role_names]
}

run "policy_that_is_none" {
  command = plan

  variables {
    task_policies = { orders = "allow all" }
  }

  expect_failures = [var.task_policies]
}

run "max_below_min" {
  command = plan

  variables {
    scaling = { min = 5, max = 2 }
  }

  expect_failures = [var.scaling]
}

run "cpu_above_100_percent" {
  command = plan

  variables {
    scaling = { min = 1, max = 2, cpu_percent = 170 }
  }

  expect_failures = [var.scaling]
}

run "requests_without_a_load_balancer" {
  command = plan

  variables {
    scaling = { min = 1, max = 2, requests_per_target = 500 }
  }

  expect_failures = [var.scaling]
}

run "desired_count_out_of_limits" {
  command = plan

  variables {
    desired_count = 9
    scaling       = { min = 1, max = 2 }
  }

  expect_failures = [var.scaling]
}

run "cron_of_five_fields" {
  command = plan

  variables {
    scaling = { min = 1, max = 2, schedules = { evening = { schedule = "cron(0 19 * * FRI)", min = 1, max = 2 } } }
  }

  expect_failures = [var.scaling]
}

run "cron_with_both_days" {
  command = plan

  variables {
    scaling = { min = 1, max = 2, schedules = { evening = { schedule = "cron(0 19 * * FRI *)", min = 1, max = 2 } } }
  }

  expect_failures = [var.scaling]
}

run "cron_with_neither_day" {
  command = plan

  variables {
    scaling = { min = 1, max = 2, schedules = { evening = { schedule = "cron(0 19 ? * ? *)", min = 1, max = 2 } } }
  }

  expect_failures = [var.scaling]
}

run "cron_at_25_o_clock" {
  command = plan

  variables {
    scaling = { min = 1, max = 2, schedules = { evening = { schedule = "cron(0 25 ? * FRI *)", min = 1, max = 2 } } }
  }

  expect_failures = [var.scaling]
}

run "cron_in_minute_60" {
  command = plan

  variables {
    scaling = { min = 1, max = 2, schedules = { evening = { schedule = "cron(60 19 ? * FRI *)", min = 1, max = 2 } } }
  }

  expect_failures = [var.scaling]
}

run "cron_on_day_0" {
  command = plan

  variables {
    scaling = { min = 1, max = 2, schedules = { evening = { schedule = "cron(0 19 ? * 0 *)", min = 1, max = 2 } } }
  }

  expect_failures = [var.scaling]
}

run "schedule_with_max_below_min" {
  command = plan

  variables {
    scaling = { min = 1, max = 2, schedules = { evening = { schedule = "cron(0 19 ? * FRI *)", min = 3, max = 2 } } }
  }

  expect_failures = [var.scaling]
}

run "time_zone_that_is_an_offset" {
  command = plan

  variables {
    scaling = { min = 1, max = 2, schedules = { evening = { schedule = "cron(0 19 ? * FRI *)", min = 1, max = 2, timezone = "+09:00" } } }
  }

  expect_failures = [var.scaling]
}
