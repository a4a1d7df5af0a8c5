# The role that AWS Backup works with: snapshots of RDS and Aurora in this account, nothing that exists is changed.
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }

    # Without it somebody else's backup plan could be told to use this role.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = "${var.name}-backup"
  description        = "AWS Backup: snapshots of databases and their copies"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = var.tags
}

locals {
  account = data.aws_caller_identity.this.account_id
  rds     = "arn:${data.aws_partition.this.partition}:rds:*:${local.account}"
  vaults  = "arn:${data.aws_partition.this.partition}:backup:*:${local.account}:backup-vault:${var.name}*"
}

data "aws_iam_policy_document" "role" {
  statement {
    sid = "FindDatabases"
    actions = [
      "rds:DescribeDBClusterAutomatedBackups",
      "rds:DescribeDBClusterSnapshots",
      "rds:DescribeDBClusters",
      "rds:DescribeDBInstances",
      "rds:DescribeDBSnapshots",
      "rds:ListTagsForResource",
      "tag:GetResources",
    ]
    # Lists are not limited to single resources.
    resources = ["*"]
  }

  statement {
    sid = "TakeSnapshots"
    actions = [
      "rds:AddTagsToResource",
      "rds:CopyDBClusterSnapshot",
      "rds:CopyDBSnapshot",
      "rds:CreateDBClusterSnapshot",
      "rds:CreateDBSnapshot",
    ]
    resources = [
      "${local.rds}:cluster-snapshot:*",
      "${local.rds}:cluster:*",
      "${local.rds}:db:*",
      "${local.rds}:snapshot:*",
    ]
  }

  statement {
    sid = "RemoveSnapshotsOfBackup"
    actions = [
      "rds:DeleteDBClusterSnapshot",
      "rds:DeleteDBSnapshot",
    ]
    resources = [
      "${local.rds}:cluster-snapshot:awsbackup:*",
      "${local.rds}:snapshot:awsbackup:*",
    ]
  }

  # A continuous backup sets the database's own retention.
  dynamic "statement" {
    for_each = var.continuous ? ["continuous"] : []

    content {
      sid       = "KeepLogs"
      actions   = ["rds:ModifyDBCluster", "rds:ModifyDBInstance"]
      resources = ["${local.rds}:cluster:*", "${local.rds}:db:*"]
    }
  }

  statement {
    sid       = "FillVaults"
    actions   = ["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"]
    resources = [local.vaults]
  }

  # What is copied is a recovery point, which for databases is a snapshot.
  statement {
    sid       = "CopySnapshots"
    actions   = ["backup:CopyFromBackupVault"]
    resources = ["${local.rds}:cluster-snapshot:awsbackup:*", "${local.rds}:snapshot:awsbackup:*"]
  }

  statement {
    sid       = "DescribeKeys"
    actions   = ["kms:DescribeKey"]
    resources = ["arn:${data.aws_partition.this.partition}:kms:*:${local.account}:key/*"]
  }

  # RDS re-encrypts a snapshot with the vault's key, for as long as that takes.
  statement {
    sid       = "LendKeysToAws"
    actions   = ["kms:CreateGrant"]
    resources = ["arn:${data.aws_partition.this.partition}:kms:*:${local.account}:key/*"]

    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "databases"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.role.json
}

resource "aws_iam_role_policy_attachment" "more" {
  for_each = var.role_policy_arns

  role       = aws_iam_role.this.name
  policy_arn = each.value
}
