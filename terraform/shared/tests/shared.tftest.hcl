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

run "fits_hundreds_of_services_and_roles_into_policies" {
  command = plan

  variables {
    services = [for index in range(300) : format("a-service-with-a-name-of-forty-chars-%04d", index)]
    control_plane = {
      role_name = "shop-sluice-server"
      assumes   = [for index in range(120) : { account_id = "111122223333", role_name = format("%s-%04d", join("", [for each in range(59) : "r"]), index) }]
    }
  }

  assert {
    condition = length(aws_iam_policy.assume) == 3 && alltrue([
      for document in data.aws_iam_policy_document.assume : length(jsonencode(document.statement)) < 6144
    ])
    error_message = "A policy of the server's is longer than 6144 characters, or there are more than a role can have."
  }

  assert {
    condition     = length(jsonencode(data.aws_iam_policy_document.server.statement)) < 2048
    error_message = "What the server may read grows with the number of services."
  }
}

run "has_no_statement_without_resources" {
  command = plan

  variables {
    control_plane = {
      role_name = "shop-sluice-server"
      assumes   = []
    }
  }

  assert {
    condition     = length(aws_iam_policy.assume) == 0 && alltrue([for statement in data.aws_iam_policy_document.server.statement : length(statement.resources) > 0])
    error_message = "AWS refuses a statement without resources."
  }
}

run "lets_nobody_push_from_no_branch" {
  command = plan

  variables {
    services = ["web"]
    github = {
      repository     = "example/shop"
      build_refs     = []
      makes_provider = true
    }
  }

  assert {
    condition     = output.build_role_arn == null && length(output.repository_urls) == 1
    error_message = "A role pushes although no branch builds."
  }
}
