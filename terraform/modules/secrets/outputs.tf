# Outputs: ARNs for roles, task definitions and mounts.
output "secret_arns" {
  description = "ARN of each secret, by name without path."
  value       = { for name, secret in aws_secretsmanager_secret.this : name => secret.arn }
}

output "secret_names" {
  description = "Full name (PATH/NAME) of each secret, by name without path."
  value       = { for name, secret in aws_secretsmanager_secret.this : name => secret.name }
}

output "kms_key_arn" {
  description = "Key that every secret is encrypted with."
  value       = aws_kms_key.this.arn
}

output "kms_alias_name" {
  description = "Alias of the key."
  value       = aws_kms_alias.this.name
}
