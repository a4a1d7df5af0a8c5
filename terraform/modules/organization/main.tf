# The organization, made here, taken over or only read.
resource "aws_organizations_organization" "this" {
  count = var.manage_organization ? 1 : 0

  feature_set          = "ALL"
  enabled_policy_types = var.enabled_policy_types

  lifecycle {
    prevent_destroy = true
    # Services (CloudTrail, Identity Center, …) are given access by their own consoles: nothing here may take it away.
    ignore_changes = [aws_service_access_principals]
  }
}

data "aws_organizations_organization" "this" {
  count = var.manage_organization ? 0 : 1
}

locals {
  organization = var.manage_organization ? aws_organizations_organization.this[0] : data.aws_organizations_organization.this[0]
  root_id      = local.organization.roots[0].id
  email_of     = { for account in local.organization.accounts : account.id => account.email }
}
