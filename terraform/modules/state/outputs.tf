# Outputs: what a backend needs, and the rights to use it.
output "bucket" {
  description = "Name of the bucket, for the backend's `bucket`."
  value       = aws_s3_bucket.this.bucket
}

output "bucket_arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.this.arn
}

output "kms_key_arn" {
  description = "ARN of the key, for the backend's `kms_key_id`."
  value       = local.kms_key_arn
}

output "access_policy_json" {
  description = "Policy for an identity that plans and applies: states, lock files and the key, nothing else."
  value       = data.aws_iam_policy_document.access.json
}
