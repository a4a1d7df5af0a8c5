# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# The organization, run in the management account: units, the accounts in them, and the guardrails that no account can
# overrule.
module "state" {
  source = "../modules/state"

  name = var.state_bucket
}

# Accounts that the blueprint names exist: they are taken over, not made.
import {
  for_each = { for name, account in var.accounts : name => account.id }
  to       = module.organization.aws_organizations_account.this[each.key]
  id       = each.value
}

module "organization" {
  source = "../modules/organization"

  name                = var.name
  manage_organization = var.manage_organization
  units               = var.units
  accounts            = var.accounts
  unit_policies       = var.unit_policies

  # Read and written again, without the spaces that AWS would count.
  policies = { for name in var.policies : name => { content = jsonencode(jsondecode(file("${path.module}/policies/${name}.json"))) } }
}
