# The tree, the accounts and policies in it, and the inputs that are refused.
mock_provider "aws" {
  mock_data "aws_organizations_organization" {
    defaults = {
      id                = "o-exampleorgid"
      master_account_id = "999988887777"
      roots             = [{ id = "r-ab12", arn = "arn:aws:organizations::999988887777:root/o-exampleorgid/r-ab12", name = "Root", policy_types = [] }]
      accounts = [
        { id = "111122223333", arn = "arn:aws:organizations::999988887777:account/o-exampleorgid/111122223333", email = "aws-dev@example.com", name = "dev", status = "ACTIVE" },
      ]
    }
  }
}

variables {
  name = "shop"
  units = {
    Workloads = {}
    DevOU     = { parent = "Workloads" }
    ProdOU    = { parent = "Workloads" }
  }
  accounts = {
    dev  = { id = "111122223333", unit = "DevOU" }
    prod = { email = "aws-prod@example.com", unit = "ProdOU" }
  }
  policies = {
    no-public-database = { content = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"rds:CreateDBInstance\",\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"rds:PubliclyAccessible\":\"true\"}}}]}" }
  }
  root_policies = []
  unit_policies = { ProdOU = ["no-public-database"] }
}

run "units_stand_in_their_parents" {
  command = plan

  assert {
    condition     = keys(aws_organizations_organizational_unit.level_1) == ["Workloads"] && aws_organizations_organizational_unit.level_1["Workloads"].parent_id == "r-ab12"
    error_message = "The unit without a parent does not stand in the root."
  }

  assert {
    condition     = keys(aws_organizations_organizational_unit.level_2) == ["DevOU", "ProdOU"]
    error_message = "The units below do not stand on the second level."
  }
}

run "an_existing_account_needs_no_address_and_a_new_one_has_its_own" {
  command = plan

  assert {
    condition     = aws_organizations_account.this["dev"].email == "aws-dev@example.com" && aws_organizations_account.this["prod"].email == "aws-prod@example.com"
    error_message = "The address of an existing account is not what the organization says."
  }

  assert {
    condition     = alltrue([for account in aws_organizations_account.this : !account.close_on_deletion])
    error_message = "Removing an account from the files would close it."
  }
}

run "only_reads_an_organization_that_it_does_not_manage" {
  command = plan

  assert {
    condition     = length(aws_organizations_organization.this) == 0 && output.organization_id == "o-exampleorgid" && output.root_id == "r-ab12"
    error_message = "The organization is made although it exists."
  }
}

run "manages_an_organization_with_policies_where_asked" {
  command = plan

  variables {
    manage_organization = true
    accounts            = { prod = { email = "aws-prod@example.com", unit = "ProdOU" } }
  }

  assert {
    condition     = aws_organizations_organization.this[0].feature_set == "ALL" && contains(aws_organizations_organization.this[0].enabled_policy_types, "SERVICE_CONTROL_POLICY")
    error_message = "The organization cannot have service control policies."
  }
}

run "policies_hold_where_they_are_named_and_nowhere_else" {
  command = plan

  assert {
    condition     = keys(aws_organizations_policy_attachment.this) == ["unit/ProdOU/no-public-database"]
    error_message = "A policy is attached elsewhere, or not at all."
  }

  assert {
    condition     = aws_organizations_policy.this["no-public-database"].type == "SERVICE_CONTROL_POLICY" && aws_organizations_policy.this["no-public-database"].name == "shop-no-public-database"
    error_message = "The policy is of another kind or name."
  }
}

run "takes_five_levels" {
  command = plan

  variables {
    accounts      = {}
    unit_policies = {}
    units = {
      One   = {}
      Two   = { parent = "One" }
      Three = { parent = "Two" }
      Four  = { parent = "Three" }
      Five  = { parent = "Four" }
    }
  }

  assert {
    condition     = keys(aws_organizations_organizational_unit.level_5) == ["Five"]
    error_message = "The fifth level is missing."
  }
}

run "refuses_six_levels" {
  command = plan

  variables {
    accounts      = {}
    unit_policies = {}
    units = {
      One   = {}
      Two   = { parent = "One" }
      Three = { parent = "Two" }
      Four  = { parent = "Three" }
      Five  = { parent = "Four" }
      Six   = { parent = "Five" }
    }
  }

  expect_failures = [var.units]
}

run "refuses_a_circle" {
  command = plan

  variables {
    accounts      = {}
    unit_policies = {}
    units = {
      One = { parent = "Two" }
      Two = { parent = "One" }
    }
  }

  expect_failures = [var.units]
}

run "refuses_a_parent_that_does_not_exist" {
  command = plan

  variables {
    accounts      = {}
    unit_policies = {}
    units         = { One = { parent = "Nowhere" } }
  }

  expect_failures = [var.units]
}

run "refuses_a_new_account_without_an_address" {
  command = plan

  variables {
    accounts = { prod = { unit = "ProdOU" } }
  }

  expect_failures = [var.accounts]
}

run "refuses_an_address_twice" {
  command = plan

  variables {
    accounts = {
      staging = { email = "aws@example.com" }
      prod    = { email = "AWS@example.com" }
    }
  }

  expect_failures = [var.accounts]
}

run "refuses_an_account_in_a_unit_that_does_not_exist" {
  command = plan

  variables {
    accounts = { prod = { email = "aws@example.com", unit = "TestOU" } }
  }

  expect_failures = [var.accounts]
}

run "refuses_an_account_that_has_not_joined" {
  command = plan

  variables {
    accounts = { stray = { id = "444455556666" } }
  }

  expect_failures = [aws_organizations_account.this["stray"]]
}

run "refuses_a_policy_longer_than_aws_takes" {
  command = plan

  variables {
    unit_policies = {}
    policies      = { long = { content = jsonencode({ Version = "2012-10-17", Statement = [for index in range(200) : { Sid = "Statement${index}" }], Note = format("%5000s", "") }) } }
  }

  expect_failures = [var.policies]
}

run "refuses_a_policy_that_is_no_json" {
  command = plan

  variables {
    unit_policies = {}
    policies      = { broken = { content = "{" } }
  }

  expect_failures = [var.policies]
}

run "refuses_a_fifth_policy_beside_full_access" {
  command = plan

  variables {
    policies      = { for name in ["a", "b", "c", "d", "e"] : name => { content = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" } }
    unit_policies = { ProdOU = ["a", "b", "c", "d", "e"] }
  }

  expect_failures = [var.unit_policies]
}

run "refuses_to_attach_what_does_not_exist" {
  command = plan

  variables {
    unit_policies = { ProdOU = ["no-such-policy"] }
  }

  expect_failures = [var.unit_policies]
}

run "refuses_an_organization_without_service_control_policies" {
  command = plan

  variables {
    enabled_policy_types = ["TAG_POLICY"]
  }

  expect_failures = [var.enabled_policy_types]
}
