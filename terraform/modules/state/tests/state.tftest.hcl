# The bucket is private, versioned and encrypted; the policies are those that AWS would get.
mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name = "shop-prod-state-111122223333"
}

run "nothing_of_it_is_public" {
  command = plan

  assert {
    condition = (
      aws_s3_bucket_public_access_block.this.block_public_acls && aws_s3_bucket_public_access_block.this.block_public_policy &&
      aws_s3_bucket_public_access_block.this.ignore_public_acls && aws_s3_bucket_public_access_block.this.restrict_public_buckets
    )
    error_message = "The bucket can be made public."
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "Objects can have access lists of their own."
  }

  assert {
    condition     = !aws_s3_bucket.this.force_destroy
    error_message = "The bucket can be removed with the states in it."
  }
}

run "states_are_versioned_and_encrypted" {
  command = plan

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "A state that was overwritten is lost."
  }

  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule :
      rule.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms"
    ])
    error_message = "States are not encrypted with KMS."
  }

  assert {
    condition     = aws_kms_key.this[0].enable_key_rotation
    error_message = "The key never changes."
  }
}

run "old_states_go_in_time_and_the_last_ten_stay" {
  command = plan

  assert {
    condition = (
      aws_s3_bucket_lifecycle_configuration.this.rule[0].noncurrent_version_expiration[0].noncurrent_days == 90 &&
      aws_s3_bucket_lifecycle_configuration.this.rule[0].noncurrent_version_expiration[0].newer_noncurrent_versions == 10
    )
    error_message = "Old states are not kept 90 days and ten of them for ever."
  }
}

run "only_encrypted_connections" {
  command = plan

  assert {
    condition = toset([for statement in data.aws_iam_policy_document.bucket.statement : statement.sid if statement.effect == "Deny"]) == toset([
      "OnlyEncryptedConnections", "OnlyCurrentTls",
    ])
    error_message = "The bucket answers connections that are not encrypted."
  }
}

run "states_cannot_be_deleted_with_the_rights_of_a_backend" {
  command = plan

  assert {
    condition = [
      for statement in data.aws_iam_policy_document.access.statement : statement.sid
      if length(setintersection(statement.actions, ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutBucketVersioning"])) > 0
    ] == ["ReleaseLocks"]
    error_message = "Who plans and applies may delete states."
  }
}

run "a_key_of_the_caller_is_used_and_none_made" {
  command = plan

  variables {
    create_kms_key = false
    kms_key_arn    = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  assert {
    condition     = length(aws_kms_key.this) == 0 && output.kms_key_arn == var.kms_key_arn
    error_message = "A key is made although there is one."
  }
}

run "writes_an_access_log_where_asked" {
  command = plan

  variables {
    access_log = { bucket = "logs-111122223333" }
  }

  assert {
    condition     = aws_s3_bucket_logging.this[0].target_bucket == "logs-111122223333" && aws_s3_bucket_logging.this[0].target_prefix == "state/"
    error_message = "Accesses are not logged."
  }
}

run "refuses_a_name_with_dots" {
  command = plan

  variables {
    name = "state.example.com"
  }

  expect_failures = [var.name]
}

run "refuses_a_key_that_it_would_not_use" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/0"
  }

  expect_failures = [var.kms_key_arn]
}

run "refuses_an_alias_for_a_key" {
  command = plan

  variables {
    create_kms_key = false
    kms_key_arn    = "arn:aws:kms:eu-west-1:111122223333:alias/state"
  }

  expect_failures = [var.kms_key_arn]
}

run "refuses_to_forget_within_days" {
  command = plan

  variables {
    old_version_days = 1
  }

  expect_failures = [var.old_version_days]
}

run "refuses_to_log_into_itself" {
  command = plan

  variables {
    access_log = { bucket = "shop-prod-state-111122223333" }
  }

  expect_failures = [var.access_log]
}
