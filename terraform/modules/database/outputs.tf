# Outputs: where the database is reached, who knows its password, and what alarms watch.
output "kind" {
  description = "instance (Amazon RDS) or cluster (Aurora)."
  value       = local.aurora ? "cluster" : "instance"
}

output "identifier" {
  description = "Identifier of the instance or cluster, for metrics and alarms."
  value       = var.name
}

output "arn" {
  description = "ARN of the instance or cluster, for backups."
  value       = local.aurora ? aws_rds_cluster.this["cluster"].arn : aws_db_instance.this["instance"].arn
}

output "endpoint" {
  description = "Host name to write to."
  value       = local.aurora ? aws_rds_cluster.this["cluster"].endpoint : aws_db_instance.this["instance"].address
}

output "reader_endpoint" {
  description = "Host name to read from: the cluster's reader (Aurora), otherwise the same as endpoint."
  value       = local.aurora ? aws_rds_cluster.this["cluster"].reader_endpoint : aws_db_instance.this["instance"].address
}

output "port" {
  description = "Port."
  value       = local.port
}

output "database_name" {
  description = "Name of the first database; null for none."
  value       = var.database_name
}

output "master_username" {
  description = "Name of the master user."
  value       = var.master_username
}

output "master_secret_arn" {
  description = "Secret with the master user's name and password; null with a replica, where the password is given."
  value       = local.aurora ? one(aws_rds_cluster.this["cluster"].master_user_secret[*].secret_arn) : one(aws_db_instance.this["instance"].master_user_secret[*].secret_arn)
}

output "kms_key_arn" {
  description = "Key of storage, backups, measurements and master secret."
  value       = aws_kms_key.this.arn
}

output "resource_id" {
  description = "Resource id, for rds-db:connect in policies of IAM authentication."
  value       = local.aurora ? aws_rds_cluster.this["cluster"].cluster_resource_id : aws_db_instance.this["instance"].resource_id
}

output "replica_identifier" {
  description = "Identifier of the copy in the other region; null for none."
  value       = var.replica == null ? null : "${var.name}-replica"
}

output "replica_arn" {
  description = "ARN of the copy in the other region; null for none."
  value       = var.replica == null ? null : (local.aurora ? aws_rds_cluster.replica["cluster"].arn : aws_db_instance.replica["instance"].arn)
}

output "replica_endpoint" {
  description = "Host name to read from in the other region; null for none."
  value       = var.replica == null ? null : (local.aurora ? aws_rds_cluster.replica["cluster"].reader_endpoint : aws_db_instance.replica["instance"].address)
}
