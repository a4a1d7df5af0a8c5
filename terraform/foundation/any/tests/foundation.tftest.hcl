# The foundation as its terraform.tfvars describes it, planned against a provider that answers and makes nothing.
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
}

run "plans" {
  command = plan

  assert {
    condition     = output.state_bucket == var.state_bucket
    error_message = "The bucket for states is called otherwise than backends expect."
  }

  assert {
    condition     = join(" ", keys(output.people_role_arns)) == join(" ", [for name, role in var.people : name if !role.approval_required || var.control_plane != null])
    error_message = "A role of people is missing."
  }

  assert {
    condition     = module.roles.deploy_role_arn == null
    error_message = "A workflow could deploy past Sluice's gates."
  }
}

run "refuses_another_form_of_account" {
  command = plan

  variables {
    account_id = "1234"
  }

  expect_failures = [var.account_id]
}
