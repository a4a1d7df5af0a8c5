# Outputs: where images are pushed to and pulled from.
output "repository_urls" {
  description = "Address of each service's repository, without a tag, by service."
  value       = { for service, repository in aws_ecr_repository.this : service => repository.repository_url }
}

output "repository_arns" {
  description = "ARN of each service's repository, by service."
  value       = { for service, repository in aws_ecr_repository.this : service => repository.arn }
}

output "repository_names" {
  description = "Name of each service's repository (NAME/SERVICE), by service."
  value       = { for service, repository in aws_ecr_repository.this : service => repository.name }
}

output "registry_id" {
  description = "Account that the registry belongs to."
  value       = data.aws_caller_identity.this.account_id
}
