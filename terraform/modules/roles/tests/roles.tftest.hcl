# Who may assume what, and the inputs that are refused. The provider is the real one, because it writes the policies
# that AWS would get; it asks nobody.
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.this
  values = { account_id = "111122223333" }
}

variables {
  name        = "shop-prod"
  project     = "shop"
  environment = "prod"
  target      = "ecs"
  control_plane = {
    principal_arns = ["arn:aws:iam::999988887777:role/sluice-server"]
    external_id    = "sluice-shop"
  }
  github = {
    repository        = "example/shop"
    environments      = ["prod"]
    build_refs        = ["refs/heads/main", "refs/tags/v*"]
    plan              = true
    oidc_provider_arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
  }
  human_roles = {
    developer = { level = "admin", trusted_principal_arns = ["arn:aws:iam::999988887777:root"] }
    qa        = { level = "read", trusted_principal_arns = ["arn:aws:iam::999988887777:role/qa"], mfa_required = false, max_session_seconds = 1800 }
    operator  = { level = "operate", approval_required = true }
  }
}

run "people_assume_with_a_second_factor" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.human["developer"].assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::999988887777:root" }
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
    }]
    error_message = "Somebody can assume developer without a second factor, or from elsewhere."
  }
}

run "a_session_shorter_than_an_hour_has_to_be_asked_for" {
  command = plan

  assert {
    condition     = jsondecode(aws_iam_role.human["qa"].assume_role_policy).Statement[0].Condition.NumericLessThanEquals["sts:DurationSeconds"] == "1800" && aws_iam_role.human["qa"].max_session_duration == 3600
    error_message = "Sessions of qa can last longer than half an hour."
  }
}

run "a_role_that_needs_an_approval_is_handed_out_by_the_control_plane_alone" {
  command = plan

  assert {
    condition = toset(flatten([
      for statement in jsondecode(aws_iam_role.human["operator"].assume_role_policy).Statement : statement.Principal.AWS
    ])) == toset(["arn:aws:iam::999988887777:role/sluice-server"])
    error_message = "Others than the control plane can assume operator."
  }

  assert {
    condition = one([
      for statement in jsondecode(aws_iam_role.human["operator"].assume_role_policy).Statement : statement.Condition if statement.Action == "sts:AssumeRole"
      ]) == {
      StringEquals          = { "sts:ExternalId" = "sluice-shop" }
      StringLike            = { "aws:RequestTag/sluice:approval" = "?*", "sts:SourceIdentity" = "?*" }
      NumericLessThanEquals = { "sts:DurationSeconds" = "3600" }
    }
    error_message = "operator is handed out without an approval, a person or an end."
  }
}

run "every_role_of_people_has_the_boundary" {
  command = plan

  assert {
    condition     = alltrue([for role in aws_iam_role.human : role.permissions_boundary == "arn:aws:iam::111122223333:policy/shop-prod-boundary"])
    error_message = "A role of people has no boundary."
  }

  assert {
    condition = alltrue([
      for role in ["developer", "operator", "qa", "deploy", "sluice"] : contains(
        one([for statement in jsondecode(aws_iam_policy.boundary[0].policy).Statement : statement.Resource if statement.Sid == "TheseRolesStay"]),
        "arn:aws:iam::111122223333:role/shop-prod-${role}",
      )
    ])
    error_message = "A role can be changed by those who hold it."
  }
}

run "levels_are_policies" {
  command = plan

  assert {
    condition = toset(keys(aws_iam_role_policy_attachment.human)) == toset([
      "developer/admin", "operator/deploy", "operator/observe", "operator/operate", "operator/pass-1", "operator/view",
      "qa/observe", "qa/view",
    ])
    error_message = "A level has another set of policies."
  }
}

run "who_only_reads_changes_nothing" {
  command = plan

  assert {
    condition = alltrue([
      for action in flatten([for statement in jsondecode(aws_iam_policy.observe.policy).Statement : statement.Action]) :
      can(regex(":(Describe|Filter|Get|List|Start(Query|LiveTail)|StopQuery)", action))
    ])
    error_message = "A role that reads may change something."
  }
}

run "workflows_deploy_from_the_protected_environment_only" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.deploy[0].assume_role_policy).Statement[0].Condition.StringEquals == {
      "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
      "token.actions.githubusercontent.com:sub" = "repo:example/shop:environment:prod"
    }
    error_message = "Another repository, branch or environment can deploy."
  }

  assert {
    condition     = jsondecode(aws_iam_role.plan[0].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:example/shop:pull_request"
    error_message = "Something else than a pull request can plan."
  }

  assert {
    condition = toset(jsondecode(aws_iam_role.build[0].assume_role_policy).Statement[0].Condition.StringLike["token.actions.githubusercontent.com:sub"]) == toset([
      "repo:example/shop:ref:refs/heads/main", "repo:example/shop:ref:refs/tags/v*",
    ])
    error_message = "Images are pushed from elsewhere."
  }
}

run "a_deployment_has_no_right_outside_its_environment" {
  command = plan

  assert {
    condition = toset([
      for action in flatten([for statement in jsondecode(aws_iam_policy.deploy[0].policy).Statement : statement.Action if statement.Resource == "*" && !can(statement.Condition)]) :
      action if !can(regex(":(Describe|GetMetricData|GetAuthorizationToken)", action))
    ]) == toset([])
    error_message = "Something that changes is allowed everywhere."
  }

  assert {
    condition = jsondecode(aws_iam_policy.pass["1"].policy).Statement == [{
      Sid       = "GiveServicesTheirRoles"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = ["arn:aws:iam::111122223333:role/shop-prod-*-task", "arn:aws:iam::111122223333:role/shop-prod-*-execution"]
      Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
    }]
    error_message = "A deployment can pass other roles, or to something else."
  }

  assert {
    condition     = !contains(flatten([for statement in jsondecode(aws_iam_policy.deploy[0].policy).Statement : statement.Action]), "secretsmanager:GetSecretValue")
    error_message = "A deployment reads secrets."
  }
}

run "no_policy_but_the_boundary_holds_a_star_for_an_action" {
  command = plan

  assert {
    condition = alltrue([
      for action in flatten([
        for policy in [aws_iam_policy.deploy[0].policy, aws_iam_policy.observe.policy, aws_iam_policy.operate.policy, aws_iam_role_policy.control_plane[0].policy, aws_iam_role_policy.build[0].policy] :
        [for statement in jsondecode(policy).Statement : statement.Action]
      ]) : !strcontains(action, "*")
    ])
    error_message = "A policy allows actions that nobody named."
  }
}

run "policies_fit_into_what_aws_takes" {
  command = plan

  assert {
    condition = alltrue([
      for policy in [aws_iam_policy.boundary[0].policy, aws_iam_policy.deploy[0].policy, aws_iam_policy.observe.policy, aws_iam_policy.operate.policy] :
      length(replace(policy, "/\\s/", "")) <= 6144
    ])
    error_message = "A policy is longer than 6144 characters."
  }
}

run "the_control_plane_writes_secrets_and_reads_none" {
  command = plan

  assert {
    condition     = jsondecode(aws_iam_role.control_plane[0].assume_role_policy).Statement[0].Condition == { StringEquals = { "sts:ExternalId" = "sluice-shop" } }
    error_message = "The control plane's role is assumed without the external id."
  }

  assert {
    condition     = !contains(flatten([for statement in jsondecode(aws_iam_role_policy.control_plane[0].policy).Statement : statement.Action]), "secretsmanager:GetSecretValue")
    error_message = "The control plane reads secrets."
  }
}

run "a_plan_reads_the_state_and_no_other_object" {
  command = plan

  variables {
    state = { bucket_arn = "arn:aws:s3:::shop-prod-state", kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/0" }
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.plan[0].policy).Statement : statement.NotResource if statement.Sid == "NoObjects"]) == "arn:aws:s3:::shop-prod-state/*"
    error_message = "A pull request can read other objects than states."
  }
}

run "roles_of_two_hundred_services_fit_into_policies" {
  command = plan

  variables {
    pass_role_arns = flatten([for index in range(200) : [for kind in ["execution", "task"] : format("arn:aws:iam::111122223333:role/a-rather-long-project-name-prod-service-%03d-%s", index, kind)]])
  }

  assert {
    condition     = alltrue([for policy in aws_iam_policy.pass : length(policy.policy) <= 6144]) && length(aws_iam_policy.pass) == 7
    error_message = "A policy is longer than 6144 characters, or there are more than a role can have."
  }
}

run "instances_are_deployed_by_groups_and_tagged_templates" {
  command = plan

  variables {
    target        = "ec2"
    resource_tags = { project = "shop", environment = "prod" }
  }

  assert {
    condition = one([for statement in jsondecode(aws_iam_policy.deploy[0].policy).Statement : statement.Condition.StringEquals if statement.Sid == "DescribeNewInstances"]) == {
      "aws:ResourceTag/environment" = "prod", "aws:ResourceTag/project" = "shop"
    }
    error_message = "A deployment may change every launch template."
  }
}

run "a_cluster_with_a_name_of_its_own_is_the_one_that_may_be_used" {
  command = plan

  variables {
    cluster_name = "fleet"
  }

  assert {
    condition = one([for statement in jsondecode(aws_iam_policy.deploy[0].policy).Statement : toset(statement.Resource) if statement.Sid == "RunServices"]) == toset([
      "arn:aws:ecs:eu-west-1:111122223333:service/fleet/*", "arn:aws:ecs:eu-west-1:111122223333:task/fleet/*",
    ])
    error_message = "A deployment reaches another cluster than its own."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_policy.deploy[0].policy).Statement : statement.Condition.ArnEquals["ecs:cluster"] if statement.Sid == "FindTasks"]) == "arn:aws:ecs:eu-west-1:111122223333:cluster/fleet"
    error_message = "Tasks are looked for in another cluster."
  }

  assert {
    condition     = alltrue([for policy in [aws_iam_policy.deploy[0].policy, aws_iam_policy.observe.policy] : !can(regex(":(cluster|service|task)/shop-prod", policy))])
    error_message = "A policy still names the cluster that is not there."
  }
}

run "operators_restart_the_database_of_this_environment_only" {
  command = plan

  variables {
    database_identifier = "db-1-prod"
    resource_tags       = { Environment = "prod" }
  }

  assert {
    condition = one([for statement in jsondecode(aws_iam_policy.operate.policy).Statement : statement if statement.Sid == "RestartDatabases"]) == {
      Sid    = "RestartDatabases"
      Effect = "Allow"
      Action = ["rds:RebootDBInstance", "rds:FailoverDBCluster"]
      Resource = [
        "arn:aws:rds:eu-west-1:111122223333:db:db-1-prod-?",
        "arn:aws:rds:eu-west-1:111122223333:db:db-1-prod",
        "arn:aws:rds:eu-west-1:111122223333:cluster:db-1-prod",
      ]
      Condition = { StringEquals = { "aws:ResourceTag/Environment" = "prod" } }
    }
    error_message = "An operator can restart the database of another environment, or not this one."
  }
}

run "an_account_that_nobody_enters_may_still_have_the_provider" {
  command = plan

  variables {
    target        = null
    control_plane = null
    human_roles   = {}
    github        = { repository = "example/shop" }
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 1 && length(aws_iam_role.build) == 0 && output.build_role_arn == null
    error_message = "The provider that other folders refer to is missing, or a role is there that nobody asked for."
  }
}

run "a_cluster_needs_its_address_and_no_load_balancer" {
  command = plan

  variables {
    target = "kubernetes"
  }

  assert {
    condition = length([
      for statement in jsondecode(aws_iam_policy.deploy[0].policy).Statement : statement if contains(flatten([statement.Action]), "elasticloadbalancing:ModifyRule")
    ]) == 0
    error_message = "Load balancers of a cluster belong to its controller."
  }
}

run "an_account_that_only_holds_images_has_a_build_role_and_no_deploy_policy" {
  command = plan

  variables {
    target        = null
    control_plane = null
    human_roles   = {}
    github        = { repository = "example/shop", build_refs = ["refs/heads/main"] }
  }

  assert {
    condition     = length(aws_iam_policy.deploy) == 0 && length(aws_iam_role.deploy) == 0 && length(aws_iam_role.build) == 1 && length(aws_iam_openid_connect_provider.github) == 1
    error_message = "The account has more than a role to push with."
  }
}

run "refuses_to_trust_everybody" {
  command = plan

  variables {
    human_roles = { qa = { level = "read", trusted_principal_arns = ["*"] } }
  }

  expect_failures = [var.human_roles]
}

run "refuses_a_role_that_nobody_could_assume" {
  command = plan

  variables {
    human_roles = { qa = { level = "read" } }
  }

  expect_failures = [var.human_roles]
}

run "refuses_an_approval_that_can_be_passed_by" {
  command = plan

  variables {
    human_roles = { operator = { level = "operate", approval_required = true, trusted_principal_arns = ["arn:aws:iam::999988887777:root"] } }
  }

  expect_failures = [var.human_roles]
}

run "refuses_an_approval_that_nobody_sees_to" {
  command = plan

  variables {
    control_plane = null
    human_roles   = { operator = { level = "operate", approval_required = true } }
  }

  expect_failures = [var.human_roles]
}

run "refuses_an_approved_session_of_more_than_an_hour" {
  command = plan

  variables {
    human_roles = { operator = { level = "operate", approval_required = true, max_session_seconds = 7200 } }
  }

  expect_failures = [var.human_roles]
}

run "refuses_a_level_that_does_not_exist" {
  command = plan

  variables {
    human_roles = { qa = { level = "write", trusted_principal_arns = ["arn:aws:iam::999988887777:root"] } }
  }

  expect_failures = [var.human_roles]
}

run "refuses_a_pattern_for_the_repository" {
  command = plan

  variables {
    github = { repository = "example/*", environments = ["prod"] }
  }

  expect_failures = [var.github]
}

run "refuses_to_build_from_any_branch" {
  command = plan

  variables {
    github = { repository = "example/shop", build_refs = ["refs/heads/*"] }
  }

  expect_failures = [var.github]
}

run "refuses_a_whole_account_as_control_plane" {
  command = plan

  variables {
    control_plane = { principal_arns = ["arn:aws:iam::999988887777:root"], external_id = "sluice-shop" }
  }

  expect_failures = [var.control_plane]
}

run "refuses_a_github_that_is_of_no_use" {
  command = plan

  variables {
    github = { repository = "example/shop", oidc_provider_arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
  }

  expect_failures = [var.github]
}

run "refuses_a_pattern_of_clusters" {
  command = plan

  variables {
    cluster_name = "shop-*"
  }

  expect_failures = [var.cluster_name]
}

run "refuses_a_pattern_of_databases" {
  command = plan

  variables {
    database_identifier = "shop-prod*"
  }

  expect_failures = [var.database_identifier]
}

run "refuses_to_pass_any_role" {
  command = plan

  variables {
    pass_role_arns = ["arn:aws:iam::111122223333:role/*"]
  }

  expect_failures = [var.pass_role_arns]
}

run "refuses_instances_without_tags" {
  command = plan

  variables {
    target = "ec2"
  }

  expect_failures = [var.resource_tags]
}

run "refuses_to_operate_nothing" {
  command = plan

  variables {
    target = null
  }

  expect_failures = [var.target]
}
