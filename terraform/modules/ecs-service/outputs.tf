# What the pipeline, alarms and policies need to know of the service.

output "service_names" {
  description = "Names of the ECS services by color."
  value       = { for color, service in aws_ecs_service.color : color => service.name }
}

output "service_arns" {
  description = "ARNs of the ECS services by color."
  value       = { for color, service in aws_ecs_service.color : color => service.id }
}

output "container_name" {
  description = "Name of the container that serves requests."
  value       = var.name
}

output "task_definition_arn" {
  description = "ARN of the task definition that was registered here, with its revision."
  value       = aws_ecs_task_definition.this.arn
}

output "task_definition_family" {
  description = "Family that the pipeline registers its revisions in."
  value       = aws_ecs_task_definition.this.family
}

output "execution_role_arn" {
  description = "Role that ECS starts tasks with: pulls the image, writes logs, reads secrets."
  value       = aws_iam_role.execution.arn
}

output "task_role_arn" {
  description = "Role of the application itself."
  value       = aws_iam_role.task.arn
}

output "task_role_name" {
  description = "Name of the role of the application itself, for policies that are attached elsewhere."
  value       = aws_iam_role.task.name
}

output "log_group_name" {
  description = "Log group of the containers."
  value       = var.log_group_name
}

output "scalable_resource_ids" {
  description = "IDs that Application Auto Scaling knows the colors by; empty without scaling."
  value       = { for color, target in aws_appautoscaling_target.color : color => target.resource_id }
}
