# Outputs: what the pipeline, alarms and dashboards refer to.
output "autoscaling_group_names" {
  description = "Name of the auto scaling group of each color."
  value       = { for color, group in aws_autoscaling_group.color : color => group.name }
}

output "autoscaling_group_arns" {
  description = "ARN of the auto scaling group of each color."
  value       = { for color, group in aws_autoscaling_group.color : color => group.arn }
}

output "launch_template_id" {
  description = "Launch template of both colors; a release is a version of it."
  value       = aws_launch_template.this.id
}

output "launch_template_latest_version" {
  description = "Version that Terraform wrote last, or a release after it."
  value       = aws_launch_template.this.latest_version
}

output "instance_role_arn" {
  description = "Role of the instances: the reader of their secrets."
  value       = aws_iam_role.instance.arn
}

output "instance_role_name" {
  description = "Name of the role of the instances, for further policies."
  value       = aws_iam_role.instance.name
}

output "instance_profile_arn" {
  description = "Instance profile that carries the role."
  value       = aws_iam_instance_profile.instance.arn
}
