# The KMS keys of storage, backups, logs and the master secret: one here, one in the region of the replica.
locals {
  key_administration = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
  ]

  key_use = [
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
  ]

  key_regions = merge(
    { primary = local.region },
    { for key in local.replicas : key => data.aws_region.replica[key].name },
  )
}

data "aws_region" "replica" {
  for_each = local.replicas
  provider = aws.replica
}

data "aws_iam_policy_document" "key" {
  for_each = local.key_regions

  statement {
    sid       = "Administration"
    actions   = local.key_administration
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account_id}:root"]
    }
  }

  # Used by whoever may use the database's storage, backups or master secret, through those services only.
  statement {
    sid       = "UseThroughServices"
    actions   = local.key_use
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:CallerAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values = [
        "backup.${each.value}.amazonaws.com",
        "rds.${each.value}.amazonaws.com",
        "secretsmanager.${each.value}.amazonaws.com",
      ]
    }
  }

  statement {
    sid       = "Logs"
    actions   = [for action in local.key_use : action if action != "kms:CreateGrant"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${each.value}.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${local.partition}:logs:${each.value}:${local.account_id}:log-group:/aws/rds/*"]
    }
  }
}

resource "aws_kms_key" "this" {
  description             = "Database ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key["primary"].json
  tags                    = var.tags
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}-database"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_kms_key" "replica" {
  for_each = local.replicas
  provider = aws.replica

  description             = "Replica of the database ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key["replica"].json
  tags                    = var.tags
}

resource "aws_kms_alias" "replica" {
  for_each = local.replicas
  provider = aws.replica

  name          = "alias/${var.name}-database-replica"
  target_key_id = aws_kms_key.replica[each.key].key_id
}
