# Secrets by name, without values. People or the pipeline write values; no resource here reads or holds one.
data "aws_region" "current" {}

locals {
  rotated = {
    for name, secret in var.secrets : name => secret if secret.rotation_days != null
  }
}

resource "aws_secretsmanager_secret" "this" {
  for_each = var.secrets

  name                    = "${var.path}/${each.key}"
  description             = each.value.description
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = var.recovery_window_days
  tags                    = var.tags

  dynamic "replica" {
    for_each = var.replica_region == null ? [] : [var.replica_region]

    content {
      region     = replica.value
      kms_key_id = var.replica_kms_key_arn
    }
  }
}

resource "aws_secretsmanager_secret_rotation" "this" {
  for_each = local.rotated

  secret_id           = aws_secretsmanager_secret.this[each.key].id
  rotation_lambda_arn = coalesce(each.value.rotation_lambda_arn, var.rotation_lambda_arn)

  # The first value is not there yet when Terraform runs: the function would rotate nothing and fail.
  rotate_immediately = false

  rotation_rules {
    automatically_after_days = each.value.rotation_days
  }
}
