# Repositories, what they keep, and the inputs that are refused.
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
}

variables {
  name     = "shop"
  services = ["api", "web"]
}

run "every_service_has_a_repository_whose_tags_stay" {
  command = plan

  assert {
    condition     = toset([for repository in aws_ecr_repository.this : repository.name]) == toset(["shop/api", "shop/web"])
    error_message = "Repositories are not called NAME/SERVICE."
  }

  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.image_tag_mutability == "IMMUTABLE" && !repository.force_delete])
    error_message = "A tag can be moved, or a repository be removed with its images."
  }

  assert {
    condition = alltrue([
      for repository in aws_ecr_repository.this :
      repository.image_scanning_configuration[0].scan_on_push && repository.encryption_configuration[0].encryption_type == "KMS"
    ])
    error_message = "Images are not scanned or not encrypted with KMS."
  }
}

run "untagged_images_go_and_the_newest_stay" {
  command = plan

  variables {
    untagged_days = 3
    keep_images   = 50
  }

  assert {
    condition = [for rule in jsondecode(aws_ecr_lifecycle_policy.this["web"].policy).rules : [rule.selection.tagStatus, rule.selection.countNumber]] == [
      ["untagged", 3],
      ["any", 50],
    ]
    error_message = "The lifecycle is not: untagged for 3 days, the newest 50."
  }
}

run "protected_tags_come_before_the_rule_that_counts" {
  command = plan

  variables {
    protected_tag_prefixes = ["release-", "v"]
  }

  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.this["web"].policy).rules : rule.rulePriority] == [1, 10, 11, 900]
    error_message = "Rules are not in the order in which the first match wins."
  }
}

run "nobody_is_let_in_unasked" {
  command = plan

  assert {
    condition     = length(aws_ecr_repository_policy.this) == 0
    error_message = "A repository has a policy that nobody asked for."
  }
}

run "tag_mutability_is_no_matter_of_encryption" {
  command = plan

  variables {
    encryption = "AES256"
  }

  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.encryption_configuration[0].encryption_type == "AES256" && repository.image_tag_mutability == "IMMUTABLE"])
    error_message = "AES256 is not taken, or changes more than the encryption."
  }
}

run "refuses_a_name_in_capitals" {
  command = plan

  variables {
    name = "Shop"
  }

  expect_failures = [var.name]
}

run "refuses_a_service_with_a_slash" {
  command = plan

  variables {
    services = ["web/admin"]
  }

  expect_failures = [var.services]
}

run "refuses_a_key_without_kms" {
  command = plan

  variables {
    encryption  = "AES256"
    kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/0"
  }

  expect_failures = [var.kms_key_arn]
}

run "refuses_to_keep_too_few_to_roll_back" {
  command = plan

  variables {
    keep_images = 5
  }

  expect_failures = [var.keep_images]
}

run "refuses_an_account_that_lost_its_zero" {
  command = plan

  variables {
    pull_account_ids = ["11122223333"]
  }

  expect_failures = [var.pull_account_ids]
}

run "refuses_to_let_a_pattern_push" {
  command = plan

  variables {
    push_principal_arns = ["arn:aws:iam::111122223333:role/*"]
  }

  expect_failures = [var.push_principal_arns]
}
