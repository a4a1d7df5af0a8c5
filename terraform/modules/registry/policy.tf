# The policy of the repositories: who pulls from elsewhere, and that nobody but CI pushes.
locals {
  pull_principals = concat(
    [for id in var.pull_account_ids : "arn:${data.aws_partition.this.partition}:iam::${id}:root"],
    var.pull_principal_arns,
  )
  has_policy = length(local.pull_principals) + length(var.push_principal_arns) > 0
}

data "aws_iam_policy_document" "this" {
  dynamic "statement" {
    for_each = length(local.pull_principals) > 0 ? ["pull"] : []

    content {
      sid = "Pull"
      actions = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:DescribeImages",
        "ecr:GetDownloadUrlForLayer",
      ]

      principals {
        type        = "AWS"
        identifiers = local.pull_principals
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.push_principal_arns) > 0 ? ["push"] : []

    content {
      sid = "Push"
      actions = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:DescribeImages",
        "ecr:GetDownloadUrlForLayer",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
      ]

      principals {
        type        = "AWS"
        identifiers = var.push_principal_arns
      }
    }
  }

  # Rights of this account's own identities come from their policies, not from here: only a denial binds them.
  dynamic "statement" {
    for_each = length(var.push_principal_arns) > 0 ? ["push"] : []

    content {
      sid    = "NobodyElsePushes"
      effect = "Deny"
      actions = [
        "ecr:CompleteLayerUpload",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:PutImageTagMutability",
        "ecr:UploadLayerPart",
      ]

      principals {
        type        = "AWS"
        identifiers = ["*"]
      }

      condition {
        test     = "ArnNotEquals"
        variable = "aws:PrincipalArn"
        values   = var.push_principal_arns
      }
    }
  }
}

resource "aws_ecr_repository_policy" "this" {
  for_each = local.has_policy ? aws_ecr_repository.this : {}

  repository = each.value.name
  policy     = data.aws_iam_policy_document.this.json
}
