# Secrets without values, who may read them, and what is refused.
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

  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:shop/prod/mock-AbCdEf" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:ap-northeast-1:111122223333:key/00000000-0000-0000-0000-000000000000" }
  }
}

variables {
  name = "shop-prod"
  path = "shop/prod"
  tags = { project = "shop" }

  secrets = {
    DATABASE_URL = { description = "Where the orders are", rotation_days = 30 }
    "api-key"    = {}
    unused       = {}
  }

  rotation_lambda_arn = "arn:aws:lambda:ap-northeast-1:111122223333:function:rotate"

  readers = {
    web      = { secrets = ["DATABASE_URL", "api-key"], role_arns = ["arn:aws:iam::111122223333:role/shop-prod-web-execution"] }
    "worker" = { secrets = ["DATABASE_URL"], role_arns = ["arn:aws:iam::111122223333:role/shop-prod-worker-execution"] }
  }

  always_allowed_role_arns = ["arn:aws:iam::111122223333:role/rotate"]
}

run "secrets_without_values" {
  command = apply

  assert {
    condition     = aws_secretsmanager_secret.this["DATABASE_URL"].name == "shop/prod/DATABASE_URL"
    error_message = "a secret must be called PATH/NAME"
  }

  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : secret.kms_key_id == aws_kms_key.this.arn && secret.recovery_window_in_days == 30])
    error_message = "each secret must be encrypted with the key and recoverable for 30 days"
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_alias.this.name == "alias/shop-prod-secrets"
    error_message = "the key must be rotated and have an alias"
  }

  assert {
    condition     = toset(keys(output.secret_arns)) == toset(["DATABASE_URL", "api-key", "unused"])
    error_message = "the ARN of each secret must be told"
  }
}

run "rotation_where_asked" {
  command = apply

  assert {
    condition     = toset(keys(aws_secretsmanager_secret_rotation.this)) == toset(["DATABASE_URL"]) && aws_secretsmanager_secret_rotation.this["DATABASE_URL"].rotation_rules[0].automatically_after_days == 30
    error_message = "only the secret that asks for rotation is rotated, as often as it asks"
  }

  assert {
    condition     = aws_secretsmanager_secret_rotation.this["DATABASE_URL"].rotate_immediately == false
    error_message = "a secret without a value must not be rotated at once"
  }
}

run "named_readers_only" {
  command = apply

  assert {
    condition     = toset(keys(aws_secretsmanager_secret_policy.readers)) == toset(["DATABASE_URL", "api-key"])
    error_message = "a secret with readers must have a policy, another none"
  }

  assert {
    condition = toset(flatten([
      for statement in data.aws_iam_policy_document.readers["DATABASE_URL"].statement : [for principal in statement.principals : principal.identifiers] if try(statement.effect, null) != "Deny"
      ])) == toset([
      "arn:aws:iam::111122223333:role/shop-prod-web-execution",
      "arn:aws:iam::111122223333:role/shop-prod-worker-execution",
    ])
    error_message = "both readers must be allowed to read the secret that both read"
  }

  assert {
    condition = toset(flatten([
      for statement in data.aws_iam_policy_document.readers["api-key"].statement : [for condition in statement.condition : condition.values] if statement.effect == "Deny"
      ])) == toset([
      "arn:aws:iam::111122223333:role/rotate",
      "arn:aws:iam::111122223333:role/shop-prod-web-execution",
    ])
    error_message = "everybody but the reader and the rotation must be denied"
  }

  assert {
    condition     = alltrue([for policy in aws_secretsmanager_secret_policy.readers : policy.block_public_policy])
    error_message = "a policy that opens a secret to the world must be refused"
  }
}

run "without_denial" {
  command = apply

  variables {
    deny_others = false
  }

  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.readers["api-key"].statement : try(statement.effect, null) != "Deny"])
    error_message = "nobody must be denied"
  }
}

run "key_through_secrets_manager_only" {
  command = plan

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.key.statement : flatten([for condition in statement.condition : condition.values if condition.variable == "kms:ViaService"]) if statement.sid == "UseThroughSecretsManager"]) == ["secretsmanager.ap-northeast-1.amazonaws.com"]
    error_message = "the key must be used through Secrets Manager only"
  }

  assert {
    condition     = alltrue(flatten([for statement in data.aws_iam_policy_document.key.statement : [for action in statement.actions : !strcontains(action, "*")]]))
    error_message = "no action may be a wildcard"
  }
}

run "copy_in_another_region" {
  command = plan

  variables {
    replica_region = "ap-southeast-1"
  }

  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : one(secret.replica).region == "ap-southeast-1"])
    error_message = "each secret must have a copy in the other region"
  }
}

run "refuses_unknown_secret_of_a_reader" {
  command = plan

  variables {
    readers = { web = { secrets = ["DATABASE_URI"], role_arns = ["arn:aws:iam::111122223333:role/web"] } }
  }

  expect_failures = [var.readers]
}

run "refuses_rotation_without_function" {
  command = plan

  variables {
    rotation_lambda_arn = null
  }

  expect_failures = [var.secrets]
}

run "refuses_rotation_every_three_years" {
  command = plan

  variables {
    secrets = { DATABASE_URL = { rotation_days = 1100 }, "api-key" = {} }
  }

  expect_failures = [var.secrets]
}

run "refuses_name_with_a_slash" {
  command = plan

  variables {
    secrets = { DATABASE_URL = {}, "api-key" = {}, "other/token" = {} }
  }

  expect_failures = [var.secrets]
}

run "refuses_recovery_of_three_days" {
  command = plan

  variables {
    recovery_window_days = 3
  }

  expect_failures = [var.recovery_window_days]
}

run "refuses_slash_at_the_end" {
  command = plan

  variables {
    path = "shop/prod/"
  }

  expect_failures = [var.path]
}

run "refuses_a_zone_as_region" {
  command = plan

  variables {
    replica_region = "ap-southeast-1a"
  }

  expect_failures = [var.replica_region]
}
