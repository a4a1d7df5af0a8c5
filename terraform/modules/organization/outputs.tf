# Outputs: ids of everything in the organization, by the names of the inputs.
output "organization_id" {
  description = "Id of the organization (o-…), for conditions on aws:PrincipalOrgID."
  value       = local.organization.id
}

output "root_id" {
  description = "Id of the root (r-…)."
  value       = local.root_id
}

output "management_account_id" {
  description = "Id of the management account."
  value       = local.organization.master_account_id
}

output "unit_ids" {
  description = "Id of each unit (ou-…), by name."
  value       = { for name, unit in local.unit : name => unit.id }
}

output "account_ids" {
  description = "Id of each account, by name."
  value       = { for name, account in aws_organizations_account.this : name => account.id }
}

output "policy_ids" {
  description = "Id of each service control policy (p-…), by name."
  value       = { for name, policy in aws_organizations_policy.this : name => policy.id }
}
