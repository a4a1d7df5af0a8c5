# Outputs: vaults, plan, role and keys.
output "vault_arn" {
  description = "ARN of the vault."
  value       = aws_backup_vault.this.arn
}

output "vault_name" {
  description = "Name of the vault."
  value       = aws_backup_vault.this.name
}

output "plan_id" {
  description = "Id of the backup plan."
  value       = aws_backup_plan.this.id
}

output "role_arn" {
  description = "ARN of the role that AWS Backup works with."
  value       = aws_iam_role.this.arn
}

output "kms_key_arn" {
  description = "ARN of the key that the vault is encrypted with."
  value       = local.kms_key_arn
}

output "copy_vault_arn" {
  description = "ARN of the vault in the other region; null without a copy."
  value       = one(aws_backup_vault.copy[*].arn)
}
