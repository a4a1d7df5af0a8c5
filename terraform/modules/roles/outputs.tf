# Outputs: the roles, by who assumes them.
output "human_role_arns" {
  description = "ARN of each role of people, by name."
  value       = { for name, role in aws_iam_role.human : name => role.arn }
}

output "control_plane_role_arn" {
  description = "ARN of the role that Sluice's server assumes; null without one."
  value       = one(aws_iam_role.control_plane[*].arn)
}

output "deploy_role_arn" {
  description = "ARN of the role that workflows deploy with; null without one."
  value       = one(aws_iam_role.deploy[*].arn)
}

output "build_role_arn" {
  description = "ARN of the role that workflows push images with, for push_principal_arns of the registry; null without one."
  value       = one(aws_iam_role.build[*].arn)
}

output "plan_role_arn" {
  description = "ARN of the read-only role that pull requests plan with; null without one."
  value       = one(aws_iam_role.plan[*].arn)
}

output "oidc_provider_arn" {
  description = "ARN of GitHub's identity provider in this account; null where GitHub has no role."
  value       = local.oidc_provider_arn
}

output "permissions_boundary_arn" {
  description = "ARN of the boundary of the roles of people; roles that they make need it as well."
  value       = local.boundary_arn
}
