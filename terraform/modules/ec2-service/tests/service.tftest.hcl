# A service with both colors, its identity, and what is refused.
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

  mock_resource "aws_iam_instance_profile" {
    defaults = { arn = "arn:aws:iam::111122223333:instance-profile/shop-prod-web-instance" }
  }

  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0", latest_version = 1 }
  }

  mock_data "aws_ssm_parameter" {
    defaults = { insecure_value = "ami-0123456789abcdef0" }
  }
}

variables {
  name               = "shop-prod-web"
  service            = "web"
  subnet_ids         = ["subnet-a", "subnet-b"]
  security_group_ids = ["sg-web"]
  instance_type      = "m5.large"
  log_group_name     = "/shop/prod/web"
  tags               = { project = "shop" }

  load_balancer_arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/app/shop-prod/0123456789abcdef"
  target_group_arns = {
    blue  = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:targetgroup/web-blue/1111111111111111"
    green = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:targetgroup/web-green/2222222222222222"
  }

  container = {
    image       = "111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/shop/web@sha256:0000000000000000000000000000000000000000000000000000000000000000"
    environment = { LOG_LEVEL = "error" }
    secrets     = { DATABASE_URL = "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:shop/prod/DATABASE_URL-AbCdEf" }
  }

  secret_arns     = ["arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:shop/prod/DATABASE_URL-AbCdEf"]
  kms_key_arns    = ["arn:aws:kms:ap-northeast-1:111122223333:key/00000000-0000-0000-0000-000000000000"]
  repository_arns = ["arn:aws:ecr:ap-northeast-1:111122223333:repository/shop/web"]

  scaling = { min = 2, max = 20, desired = 3, cpu_percent = 70, requests_per_target = 500 }

  schedules = {
    friday-evening = { cron = "0 19 * * FRI", end = "0 23 * * FRI", timezone = "Asia/Tokyo", min = 6, max = 40 }
  }
}

run "both_colors" {
  command = apply

  assert {
    condition     = aws_autoscaling_group.color["blue"].desired_capacity == 3 && aws_autoscaling_group.color["blue"].min_size == 2
    error_message = "blue must begin with the capacity that was asked for"
  }

  assert {
    condition     = aws_autoscaling_group.color["green"].desired_capacity == 0 && aws_autoscaling_group.color["green"].min_size == 0
    error_message = "green must begin empty"
  }

  assert {
    condition     = toset(aws_autoscaling_group.color["green"].suspended_processes) == toset(["AlarmNotification", "ScheduledActions"]) && length(aws_autoscaling_group.color["blue"].suspended_processes) == 0
    error_message = "alarms and schedules must not start instances of the idle color"
  }

  assert {
    condition = alltrue([
      for color in ["blue", "green"] :
      toset(aws_autoscaling_group.color[color].target_group_arns) == toset([var.target_group_arns[color]]) && aws_autoscaling_group.color[color].health_check_type == "ELB"
    ])
    error_message = "each color must have its own target group and be replaced when the load balancer finds it unhealthy"
  }

  assert {
    condition     = length(aws_autoscaling_group.color["blue"].instance_refresh) == 0
    error_message = "an instance refresh would replace the color that has the users"
  }

  assert {
    condition     = output.autoscaling_group_names == { blue = "shop-prod-web-blue", green = "shop-prod-web-green" }
    error_message = "the groups must be called NAME-COLOR"
  }
}

run "later_changes_belong_to_the_pipeline" {
  command = apply

  variables {
    scaling = { min = 4, max = 8, desired = 5 }
    container = {
      image = "111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/shop/web@sha256:1111111111111111111111111111111111111111111111111111111111111111"
    }
  }

  assert {
    condition     = aws_autoscaling_group.color["blue"].desired_capacity == 3 && aws_autoscaling_group.color["blue"].min_size == 2 && aws_autoscaling_group.color["blue"].max_size == 20
    error_message = "counts must not be changed by Terraform after the beginning"
  }

  assert {
    condition     = strcontains(base64decode(aws_launch_template.this.user_data), "sha256:0000")
    error_message = "the release must not be changed by Terraform after the beginning"
  }
}

run "instances_are_closed" {
  command = plan

  assert {
    condition     = aws_launch_template.this.metadata_options[0].http_tokens == "required" && aws_launch_template.this.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "IMDSv2 must be required and out of the container's reach"
  }

  assert {
    condition     = aws_launch_template.this.network_interfaces[0].associate_public_ip_address == "false"
    error_message = "instances must not have a public address"
  }

  assert {
    condition     = aws_launch_template.this.block_device_mappings[0].ebs[0].encrypted == "true" && aws_launch_template.this.block_device_mappings[0].ebs[0].volume_type == "gp3"
    error_message = "the root volume must be encrypted gp3"
  }

  assert {
    condition     = aws_launch_template.this.image_id == "ami-0123456789abcdef0"
    error_message = "the image of the SSM parameter must be pinned in the launch template"
  }
}

run "image_at_launch" {
  command = plan

  variables {
    ami = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
  }

  assert {
    condition     = startswith(aws_launch_template.this.image_id, "resolve:ssm:/")
    error_message = "a parameter that is read at launch must stay a reference"
  }
}

run "least_privilege" {
  command = plan

  assert {
    condition     = alltrue(flatten([for statement in data.aws_iam_policy_document.instance.statement : [for action in statement.actions : !strcontains(action, "*")]]))
    error_message = "no action may be a wildcard"
  }

  assert {
    condition     = toset(flatten([for statement in data.aws_iam_policy_document.instance.statement : statement.resources if statement.sid == "ReadSecrets"])) == toset(var.secret_arns)
    error_message = "only the given secrets may be read"
  }

  assert {
    condition     = toset([for statement in data.aws_iam_policy_document.instance.statement : statement.sid if contains(statement.resources, "*")]) == toset(["SystemsManager", "RegistryLogin"])
    error_message = "only actions that know no resource may name every resource"
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.instance.statement : statement.resources if statement.sid == "WriteLog"]) == toset(["arn:aws:logs:ap-northeast-1:111122223333:log-group:/shop/prod/web:*"])
    error_message = "only the given log group may be written to"
  }
}

run "release_in_user_data" {
  command = plan

  assert {
    condition     = jsondecode(split("\n", split("<<'RELEASE'\n", local.user_data)[1])[0]).image == var.container.image
    error_message = "the line after RELEASE must be the release as JSON"
  }

  assert {
    condition     = jsondecode(split("\n", split("<<'RELEASE'\n", local.user_data)[1])[0]).environment == { LOG_LEVEL = "error", PORT = "3000" }
    error_message = "the release must hold its variables and the port"
  }

  assert {
    condition     = strcontains(local.user_data, "/etc/systemd/system/sluice-web.service") && strcontains(local.user_data, "enable --now sluice-web.service") && !can(regex("[ /]web\\.service", local.user_data))
    error_message = "the unit must not be called as one of the system's could be"
  }

  assert {
    condition     = alltrue([for option in ["--read-only", "--tmpfs /tmp", "--cap-drop ALL", "--security-opt no-new-privileges"] : strcontains(local.user_data, option)])
    error_message = "the container must have a root that it cannot write to, and no capabilities"
  }

  assert {
    condition     = length(local.user_data) < 8192
    error_message = "the program must leave room for files"
  }
}

run "scaling_of_both_colors" {
  command = apply

  assert {
    condition     = toset(keys(aws_autoscaling_policy.target_tracking)) == toset(["blue-cpu", "blue-requests", "green-cpu", "green-requests"])
    error_message = "each color must have each policy"
  }

  assert {
    condition     = aws_autoscaling_policy.target_tracking["green-requests"].target_tracking_configuration[0].predefined_metric_specification[0].resource_label == "app/shop-prod/0123456789abcdef/targetgroup/web-green/2222222222222222"
    error_message = "requests must be counted at the target group of the color"
  }

  assert {
    condition     = aws_autoscaling_schedule.this["blue-friday-evening-start"].min_size == 6 && aws_autoscaling_schedule.this["blue-friday-evening-end"].min_size == 2 && aws_autoscaling_schedule.this["blue-friday-evening-start"].desired_capacity == -1
    error_message = "a schedule must change the limits, and its end must bring back the usual ones"
  }
}

run "empty_until_the_first_release" {
  command = plan

  state_key = "empty"

  variables {
    scaling = { min = 2, max = 20, desired = 0 }
  }

  assert {
    condition     = alltrue([for group in aws_autoscaling_group.color : group.min_size == 0 && group.desired_capacity == 0 && length(group.suspended_processes) == 2])
    error_message = "no color may have instances before there is a release"
  }
}

run "without_load_balancer" {
  command = apply

  variables {
    target_group_arns = null
    load_balancer_arn = null
    schedules         = {}
    scaling           = { min = 1, max = 1, desired = 1 }
  }

  assert {
    condition     = aws_autoscaling_group.color["blue"].health_check_type == "EC2" && length(aws_autoscaling_policy.target_tracking) == 0
    error_message = "a service that no load balancer reaches is checked by Amazon EC2"
  }
}

run "script_of_ones_own" {
  command = plan

  variables {
    container = null
    user_data = "#!/bin/bash\nsystemctl start web\n"
  }

  assert {
    condition     = local.user_data == var.user_data
    error_message = "the script must be taken as it is"
  }
}

run "refuses_max_below_min" {
  command = plan

  variables {
    scaling = { min = 5, max = 2, desired = 5 }
  }

  expect_failures = [var.scaling]
}

run "refuses_desired_above_max" {
  command = plan

  variables {
    scaling = { min = 1, max = 2, desired = 3 }
  }

  expect_failures = [var.scaling]
}

run "refuses_requests_without_load_balancer" {
  command = plan

  variables {
    target_group_arns = null
    load_balancer_arn = null
  }

  expect_failures = [var.scaling]
}

run "refuses_container_and_script" {
  command = plan

  variables {
    user_data = "#!/bin/bash\n"
  }

  expect_failures = [var.container]
}

run "refuses_neither_container_nor_script" {
  command = plan

  variables {
    container = null
  }

  expect_failures = [var.container]
}

run "refuses_long_script" {
  command = plan

  variables {
    container = null
    user_data = join("", [for line in range(1000) : "echo 01234567890123456789\n"])
  }

  expect_failures = [var.user_data]
}

run "refuses_files_that_do_not_fit" {
  command = plan

  variables {
    container = {
      image = "web:1"
      files = { "/etc/config/settings.json" = join("", [for line in range(1000) : "01234567890123456789"]) }
    }
  }

  expect_failures = [aws_launch_template.this]
}

run "refuses_relative_file" {
  command = plan

  variables {
    container = { image = "web:1", files = { "etc/settings.json" = "{}" } }
  }

  expect_failures = [var.container]
}

run "refuses_unknown_size" {
  command = plan

  variables {
    instance_type = "m5.huge"
  }

  expect_failures = [var.instance_type]
}

run "refuses_ami_by_name" {
  command = plan

  variables {
    ami = "amazon-linux-2023"
  }

  expect_failures = [var.ami]
}

run "refuses_cron_of_six_fields" {
  command = plan

  variables {
    schedules = { nights = { cron = "0 0 20 * * MON-FRI", min = 0, max = 0 } }
  }

  expect_failures = [var.schedules]
}

run "refuses_schedule_with_max_below_min" {
  command = plan

  variables {
    schedules = { nights = { cron = "0 20 * * MON-FRI", min = 2, max = 1 } }
  }

  expect_failures = [var.schedules]
}

run "refuses_small_volume" {
  command = plan

  variables {
    root_volume_gib = 4
  }

  expect_failures = [var.root_volume_gib]
}

run "refuses_long_name" {
  command = plan

  variables {
    name = "a-name-that-is-much-too-long-for-the-role-of-an-instance-of-it"
  }

  expect_failures = [var.role_name]
}
