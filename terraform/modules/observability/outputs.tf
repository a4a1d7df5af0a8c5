# Outputs: where else to send notifications, and what to look at.
output "topic_arn" {
  description = "Topic that alarms tell; null without alarms."
  value       = try(aws_sns_topic.alarms["alarms"].arn, null)
}

output "alarm_arns" {
  description = "ARN of each alarm, by its name without NAME-."
  value       = local.alarm_arns
}

output "composite_alarm_arn" {
  description = "Alarm that fires when users are affected; null when it is not made."
  value       = try(aws_cloudwatch_composite_alarm.users_affected["composite"].arn, null)
}

output "dashboard_name" {
  description = "Name of the dashboard; null when it is not made."
  value       = try(aws_cloudwatch_dashboard.this["dashboard"].dashboard_name, null)
}
