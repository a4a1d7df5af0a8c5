# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# Ids of everything in the organization, by name.
output "state_bucket" {
  description = "Bucket of the state."
  value       = module.state.bucket
}

output "organization_id" {
  description = "Id of the organization."
  value       = module.organization.organization_id
}

output "unit_ids" {
  description = "Id of each unit, by name."
  value       = module.organization.unit_ids
}

output "policy_ids" {
  description = "Id of each service control policy, by name."
  value       = module.organization.policy_ids
}
