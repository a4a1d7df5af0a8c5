# The organization as terraform.tfvars describes it. Accounts are left out: an import asks AWS, which nobody answers for.
mock_provider "aws" {
  mock_data "aws_organizations_organization" {
    defaults = {
      id                = "o-0123456789"
      master_account_id = "111122223333"
      roots             = [{ id = "r-0123", arn = "arn:aws:organizations::111122223333:root/o-0123456789/r-0123", name = "Root", policy_types = [] }]
      accounts          = []
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

  variables {
    accounts = {}
  }

  assert {
    condition     = join(" ", keys(output.unit_ids)) == join(" ", keys(var.units))
    error_message = "A unit is missing."
  }

  assert {
    condition     = join(" ", keys(output.policy_ids)) == join(" ", sort(var.policies))
    error_message = "A policy is missing."
  }
}
