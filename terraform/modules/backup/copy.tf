# The vault in the other region, with a key of that region.
resource "aws_backup_vault" "copy" {
  provider = aws.copy
  count    = local.copies ? 1 : 0

  name        = "${var.name}-copy"
  kms_key_arn = var.create_kms_key ? aws_kms_key.copy[0].arn : var.copy_kms_key_arn
  tags        = var.tags
}

resource "aws_backup_vault_lock_configuration" "copy" {
  provider = aws.copy
  count    = local.copies && var.vault_lock != null ? 1 : 0

  backup_vault_name   = aws_backup_vault.copy[0].name
  min_retention_days  = var.vault_lock.min_retention_days
  max_retention_days  = var.vault_lock.max_retention_days
  changeable_for_days = var.vault_lock.changeable_for_days
}

resource "aws_kms_key" "copy" {
  provider = aws.copy
  count    = local.copies && var.create_kms_key ? 1 : 0

  description             = "Copies of backups in ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
  tags                    = var.tags
}

resource "aws_kms_alias" "copy" {
  provider = aws.copy
  count    = local.copies && var.create_kms_key ? 1 : 0

  name          = "alias/${var.name}-backup-copy"
  target_key_id = aws_kms_key.copy[0].key_id
}
