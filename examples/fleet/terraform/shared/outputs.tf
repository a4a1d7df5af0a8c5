# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# What the pipeline and Sluice's server need to know.
output "state_bucket" {
  description = "Bucket of the state."
  value       = module.state.bucket
}

output "repository_urls" {
  description = "Where images are pushed to, by service."
  value       = merge(module.registry[*].repository_urls...)
}

output "build_role_arn" {
  description = "Role that workflows build and push with; null without a repository."
  value       = one(module.roles[*].build_role_arn)
}

output "server_role_arn" {
  description = "Role that Sluice's server runs as."
  value       = aws_iam_role.server.arn
}
