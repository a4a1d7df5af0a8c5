# Outputs: the schedules and their role.
output "schedule_names" {
  description = "Names of all schedules."
  value       = sort([for schedule in aws_scheduler_schedule.this : schedule.name])
}

output "role_arn" {
  description = "Role that the schedules work with."
  value       = aws_iam_role.this.arn
}
