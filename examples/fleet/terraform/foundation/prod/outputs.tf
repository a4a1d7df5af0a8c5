# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# What the pipeline, Sluice's server and people need to know.
output "state_bucket" {
  description = "Bucket of the states."
  value       = module.state.bucket
}

output "state_access_policy_json" {
  description = "Policy for an identity that plans and applies: states, locks and their key."
  value       = module.state.access_policy_json
}

output "people_role_arns" {
  description = "Roles of people, by name."
  value       = module.roles.human_role_arns
}

output "control_plane_role_arn" {
  description = "Role that Sluice's server assumes; null without one."
  value       = module.roles.control_plane_role_arn
}

output "plan_role_arn" {
  description = "Role that pull requests plan with; null without a repository."
  value       = module.roles.plan_role_arn
}
