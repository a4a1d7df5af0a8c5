# What services need to know of the cluster.

output "name" {
  description = "Name of the cluster."
  value       = aws_ecs_cluster.this.name
}

output "arn" {
  description = "ARN of the cluster."
  value       = aws_ecs_cluster.this.arn
  # A service may not be created before the cluster knows its capacity providers.
  depends_on = [aws_ecs_cluster_capacity_providers.this]
}

output "capacity_provider_name" {
  description = "Capacity provider of the instances made here; null for Fargate."
  value       = one(aws_ecs_capacity_provider.instances[*].name)
  depends_on  = [aws_ecs_cluster_capacity_providers.this]
}

output "instance_security_group_id" {
  description = "Security group of the instances made here, which lets nobody in; null for Fargate."
  value       = one(aws_security_group.instances[*].id)
}

output "instance_role_arn" {
  description = "Role of the instances made here; null for Fargate."
  value       = one(aws_iam_role.instances[*].arn)
}

output "autoscaling_group_name" {
  description = "Auto scaling group of the instances made here; null for Fargate."
  value       = one(aws_autoscaling_group.instances[*].name)
}

output "exec_log_group_arn" {
  description = "Log group of sessions in containers; null without one."
  value       = one(aws_cloudwatch_log_group.exec[*].arn)
}
