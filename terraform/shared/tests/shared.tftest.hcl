# What environments share as terraform.tfvars describes it, planned against a provider that answers and makes nothing.
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
    condition     = join(" ", keys(output.repository_urls)) == join(" ", sort(var.services))
    error_message = "A service has no repository."
  }

  assert {
    condition     = aws_iam_role.server.name == var.control_plane.role_name
    error_message = "The server's role is called otherwise than the environments expect."
  }
}
