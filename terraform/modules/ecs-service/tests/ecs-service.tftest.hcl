# Both colors of a service, their roles, and how they scale.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = {
      name = "ap-northeast-1"
    }
  }

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

  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::111122223333:role/shop-prod-web"
    }
  }

  mock_resource "aws_ecs_task_definition" {
    defaults = {
      arn = "arn:aws:ecs:ap-northeast-1:111122223333:task-definition/shop-prod-web:1"
    }
  }
}

variables {
  name               = "web"
  family             = "shop-prod-web"
  cluster_name       = "shop-prod"
  cluster_arn        = "arn:aws:ecs:ap-northeast-1:111122223333:cluster/shop-prod"
  image              = "111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/shop/web:none"
  repository_arns    = ["arn:aws:ecr:ap-northeast-1:111122223333:repository/shop/web"]
  cpu                = 1024
  memory             = 2048
  subnet_ids         = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  security_group_ids = ["sg-0123456789abcdef0"]
  log_group_name     = "/shop/prod/web"
  role_names         = { execution = "shop-prod-web-execution", task = "shop-prod-web-task" }
  target_group_arns = {
    blue  = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:targetgroup/shop-prod-web-blue/1"
    green = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:targetgroup/shop-prod-web-green/2"
  }
  request_count_labels = {
    blue  = "app/shop-prod/1/targetgroup/shop-prod-web-blue/1"
    green = "app/shop-prod/1/targetgroup/shop-prod-web-green/2"
  }
  environment = { LOG_LEVEL = "info" }
  secrets = {
    DATABASE_URL = "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:shop/prod/DATABASE_URL-AbCdEf:url::"
    API_KEY      = "arn:aws:ssm:ap-northeast-1:111122223333:parameter/shop/prod/API_KEY"
  }
  secret_kms_key_arns = ["arn:aws:kms:ap-northeast-1:111122223333:key/1234"]
  user                = "1000:1000"
  writable_paths      = ["/tmp"]
  health_check        = { command = ["CMD", "node", "health.js"] }
  scaling = {
    min                 = 2
    max                 = 20
    cpu_percent         = 70
    memory_percent      = 75
    requests_per_target = 500
    schedules = {
      friday-evening     = { schedule = "cron(0 19 ? * FRI *)", timezone = "Asia/Tokyo", min = 6, max = 40 }
      friday-evening-end = { schedule = "cron(0 23 ? * FRI *)", timezone = "Asia/Tokyo", min = 2, max = 20 }
    }
  }
}

run "nothing_runs_before_the_first_release" {
  command = plan

  assert {
    condition     = { for color, service in aws_ecs_service.color : service.name => service.desired_count } == { web-blue = 0, web-green = 0 }
    error_message = "Both colors should exist, and neither run a task."
  }

  assert {
    condition = alltrue([for target in aws_appautoscaling_target.color :
      target.suspended_state[0].dynamic_scaling_in_suspended && target.suspended_state[0].dynamic_scaling_out_suspended && target.suspended_state[0].scheduled_scaling_suspended
    ])
    error_message = "Scaling should not start what has no image."
  }
}

run "each_color_has_its_target_group" {
  command = plan

  assert {
    condition     = [for balancer in aws_ecs_service.color["green"].load_balancer : "${balancer.target_group_arn} ${balancer.container_name}:${balancer.container_port}"] == ["${var.target_group_arns.green} web:3000"]
    error_message = "Green should register with green's target group."
  }

  assert {
    condition     = aws_ecs_service.color["blue"].deployment_circuit_breaker[0].enable && !aws_ecs_service.color["blue"].deployment_circuit_breaker[0].rollback
    error_message = "A failing deployment should be stopped, and the pipeline decide what comes next."
  }

  assert {
    condition     = !aws_ecs_service.color["blue"].network_configuration[0].assign_public_ip && !aws_ecs_service.color["blue"].enable_execute_command
    error_message = "Tasks should have no public address, and no way in."
  }
}

run "the_container_is_confined" {
  command = plan

  assert {
    condition = (
      jsondecode(aws_ecs_task_definition.this.container_definitions)[0].readonlyRootFilesystem &&
      jsondecode(aws_ecs_task_definition.this.container_definitions)[0].user == "1000:1000" &&
      jsondecode(aws_ecs_task_definition.this.container_definitions)[0].linuxParameters.capabilities.drop == ["ALL"] &&
      !can(jsondecode(aws_ecs_task_definition.this.container_definitions)[0].command)
    )
    error_message = "The container should run as an ordinary user on a read-only root without capabilities."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].mountPoints == [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
    error_message = "The container should write to /tmp only."
  }

  assert {
    condition     = tomap({ for secret in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets : secret.name => secret.valueFrom }) == var.secrets
    error_message = "Secrets should come from where they are kept."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].logConfiguration.options["awslogs-group"] == "/shop/prod/web" && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].stopTimeout == 30
    error_message = "Logs should go to the service's group, and requests have 30 seconds to finish."
  }

  assert {
    condition     = aws_ecs_task_definition.this.network_mode == "awsvpc" && aws_ecs_task_definition.this.requires_compatibilities == toset(["FARGATE"]) && aws_ecs_task_definition.this.skip_destroy
    error_message = "The task should be one that Fargate takes, and its revisions stay."
  }
}

run "the_execution_role_may_start_tasks_and_nothing_else" {
  command = plan

  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Sid => statement.Resource } == {
      LogInToRegistry = ["*"]
      PullImage       = ["arn:aws:ecr:ap-northeast-1:111122223333:repository/shop/web"]
      WriteLogs       = ["arn:aws:logs:ap-northeast-1:111122223333:log-group:/shop/prod/web:*"]
      ReadSecrets     = ["arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:shop/prod/DATABASE_URL-AbCdEf"]
      ReadParameters  = ["arn:aws:ssm:ap-northeast-1:111122223333:parameter/shop/prod/API_KEY"]
      DecryptSecrets  = ["arn:aws:kms:ap-northeast-1:111122223333:key/1234"]
    }
    error_message = "The role should reach this service's image, log, secrets and key: ${aws_iam_role_policy.execution.policy}."
  }

  assert {
    condition     = alltrue(flatten([for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : [for action in statement.Action : !strcontains(action, "*")]]))
    error_message = "Every action should be named."
  }

  assert {
    condition     = jsondecode(aws_iam_role.task.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111122223333"
    error_message = "The roles should be for this account's tasks only."
  }

  assert {
    condition     = length(aws_iam_role_policy.task) == 0 && length(aws_iam_role_policy.exec) == 0
    error_message = "The application should be allowed nothing unless it is given."
  }
}

run "permissions_of_the_application" {
  command = plan

  variables {
    exec_enabled       = true
    exec_log_group_arn = "arn:aws:logs:ap-northeast-1:111122223333:log-group:/shop/prod/exec"
    exec_kms_key_arn   = "arn:aws:kms:ap-northeast-1:111122223333:key/5678"
    task_policies = {
      orders = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sqs:SendMessage\",\"Resource\":\"arn:aws:sqs:ap-northeast-1:111122223333:orders\"}]}"
    }
  }

  assert {
    condition     = aws_iam_role_policy.task["orders"].policy == var.task_policies.orders
    error_message = "The policy should be the one that is given."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.exec[0].policy).Statement : statement.Sid] == ["OpenSession", "FindSessionLog", "WriteSessionLog", "DecryptSession"]
    error_message = "Sessions should be possible, and be logged."
  }
}

run "scaling_by_load_and_clock" {
  command = plan

  assert {
    condition = {
      for key, policy in aws_appautoscaling_policy.color : key => "${policy.target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].predefined_metric_type} ${policy.target_tracking_scaling_policy_configuration[0].target_value}"
      } == {
      blue-cpu       = "ECSServiceAverageCPUUtilization 70"
      blue-memory    = "ECSServiceAverageMemoryUtilization 75"
      blue-requests  = "ALBRequestCountPerTarget 500"
      green-cpu      = "ECSServiceAverageCPUUtilization 70"
      green-memory   = "ECSServiceAverageMemoryUtilization 75"
      green-requests = "ALBRequestCountPerTarget 500"
    }
    error_message = "Both colors should follow CPU, memory and requests."
  }

  assert {
    condition     = aws_appautoscaling_policy.color["green-requests"].target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].resource_label == var.request_count_labels.green
    error_message = "Green should follow green's requests."
  }

  assert {
    condition     = aws_appautoscaling_target.color["green"].resource_id == "service/shop-prod/web-green" && aws_appautoscaling_target.color["green"].min_capacity == 2 && aws_appautoscaling_target.color["green"].max_capacity == 20
    error_message = "Both colors should have the limits."
  }

  assert {
    condition     = aws_appautoscaling_scheduled_action.color["blue-friday-evening"].schedule == "cron(0 19 ? * FRI *)" && aws_appautoscaling_scheduled_action.color["blue-friday-evening"].timezone == "Asia/Tokyo" && length(aws_appautoscaling_scheduled_action.color) == 4
    error_message = "Both colors should have the other limits on Friday evenings."
  }
}

run "no_scaling_unless_asked_for" {
  command = plan

  variables {
    scaling = null
  }

  assert {
    condition     = length(aws_appautoscaling_target.color) + length(aws_appautoscaling_policy.color) + length(aws_appautoscaling_scheduled_action.color) == 0
    error_message = "Without scaling the number of tasks should be the pipeline's."
  }
}

run "only_what_is_asked_for_is_followed" {
  command = plan

  variables {
    scaling = { min = 1, max = 1, schedules = { night = { schedule = "cron(0 20 ? * MON-FRI *)", min = 0, max = 0 } } }
  }

  assert {
    condition     = length(aws_appautoscaling_policy.color) == 0 && aws_appautoscaling_scheduled_action.color["blue-night"].scalable_target_action[0].max_capacity == "0"
    error_message = "An environment that only sleeps at night should follow the clock alone."
  }
}

run "spot_with_a_share_that_stays" {
  command = plan

  variables {
    capacity            = "fargate-spot"
    spot_percent        = 70
    spot_base_on_demand = 1
  }

  assert {
    condition = { for strategy in aws_ecs_service.color["blue"].capacity_provider_strategy : strategy.capacity_provider => "${strategy.base} ${strategy.weight}" } == {
      FARGATE_SPOT = "0 70"
      FARGATE      = "1 30"
    }
    error_message = "Seven tasks in ten should be on Spot, the first on Fargate."
  }
}

run "spot_but_for_the_first_task" {
  command = plan

  variables {
    capacity            = "fargate-spot"
    spot_base_on_demand = 1
  }

  assert {
    condition = { for strategy in aws_ecs_service.color["blue"].capacity_provider_strategy : strategy.capacity_provider => "${strategy.base} ${strategy.weight}" } == {
      FARGATE_SPOT = "0 100"
      FARGATE      = "1 1"
    }
    error_message = "The first task should be on Fargate, which AWS does not use at weight 0."
  }
}

run "instances_of_the_cluster" {
  command = plan

  variables {
    capacity               = "ec2"
    capacity_provider_name = "shop-prod-instances"
    cpu                    = 200
    memory                 = 300
    stop_timeout_seconds   = 300
  }

  assert {
    condition     = [for strategy in aws_ecs_service.color["blue"].capacity_provider_strategy : strategy.capacity_provider] == ["shop-prod-instances"] && aws_ecs_task_definition.this.requires_compatibilities == toset(["EC2"])
    error_message = "Tasks should run on the cluster's instances, in any size."
  }

  assert {
    condition     = [for strategy in aws_ecs_service.color["blue"].ordered_placement_strategy : strategy.field] == ["attribute:ecs.availability-zone", "instanceId"]
    error_message = "Tasks should be spread over zones, then over instances."
  }
}

run "without_a_load_balancer" {
  command = plan

  variables {
    target_group_arns = null
    scaling           = { min = 1, max = 2, cpu_percent = 70 }
  }

  assert {
    condition     = length(aws_ecs_service.color["blue"].load_balancer) == 0 && aws_ecs_service.color["blue"].health_check_grace_period_seconds == null
    error_message = "A service without load balancer should register nowhere."
  }
}

run "log_group_of_somebody_else" {
  command = plan

  variables {
    create_log_group = false
  }

  assert {
    condition     = length(aws_cloudwatch_log_group.this) == 0 && output.log_group_name == "/shop/prod/web"
    error_message = "A log group that exists should be used, not made."
  }
}

run "first_apply" {
  variables {
    desired_count = 3
  }

  assert {
    condition     = aws_ecs_service.color["blue"].desired_count == 3 && aws_ecs_service.color["green"].desired_count == 0
    error_message = "Blue should begin with the given number, green with none."
  }

  assert {
    condition     = !aws_appautoscaling_target.color["blue"].suspended_state[0].dynamic_scaling_out_suspended && aws_appautoscaling_target.color["green"].suspended_state[0].dynamic_scaling_out_suspended
    error_message = "Scaling should follow blue, which serves, and leave green alone."
  }
}

run "what_the_pipeline_sets_is_left_alone" {
  command = plan

  variables {
    desired_count = 0
  }

  assert {
    condition     = aws_ecs_service.color["blue"].desired_count == 3
    error_message = "A plan should not change the number of tasks of a service that exists."
  }

  assert {
    condition     = !aws_appautoscaling_target.color["blue"].suspended_state[0].dynamic_scaling_out_suspended
    error_message = "A plan should not suspend the scaling of the color that serves."
  }
}

run "another_revision_changes_no_service" {
  command = plan

  # As a change of the image would do, which a mocked provider does not know to need a new revision.
  plan_options {
    replace = [aws_ecs_task_definition.this]
  }

  assert {
    condition     = alltrue([for service in aws_ecs_service.color : service.task_definition == "arn:aws:ecs:ap-northeast-1:111122223333:task-definition/shop-prod-web:1"])
    error_message = "A plan should not change which revision a service runs."
  }
}
