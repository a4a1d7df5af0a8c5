# One environment as its terraform.tfvars describes it, planned against providers that answer and make nothing.
mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "replica"
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "copy"
  source = "./tests/mocks"
}

variables {
  database_master_password = "not-a-real-password"
}

run "plans" {
  command = plan

  assert {
    condition     = join(" ", keys(output.ecs_service_names)) == join(" ", keys(local.ecs_services)) && alltrue([for colors in values(output.ecs_service_names) : join(" ", keys(colors)) == "blue green"])
    error_message = "A service on Amazon ECS lacks a color."
  }

  assert {
    condition     = join(" ", keys(output.autoscaling_group_names)) == join(" ", keys(local.ec2_services)) && alltrue([for colors in values(output.autoscaling_group_names) : join(" ", keys(colors)) == "blue green"])
    error_message = "A service on instances lacks a color."
  }

  assert {
    condition     = join(" ", keys(output.rule_arns)) == join(" ", keys(local.balanced_services))
    error_message = "A service that is reached from outside lacks its rules."
  }

  assert {
    condition     = length(output.secret_arns) == length(var.secrets)
    error_message = "A secret is missing."
  }

  assert {
    condition     = alltrue([for service, secrets in local.ecs_secrets : length(secrets) == length(var.services[service].secrets) + length(var.services[service].secret_files)])
    error_message = "Two secrets of a service on Amazon ECS have the same variable."
  }

  assert {
    condition     = (var.database == null) == (output.database == null)
    error_message = "A database is there without being asked for, or missing."
  }
}
