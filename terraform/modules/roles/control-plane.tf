# The role that Sluice's server works with in this account.
data "aws_iam_policy_document" "control_plane_trust" {
  count = var.control_plane == null ? 0 : 1

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = var.control_plane.principal_arns
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.control_plane.external_id]
    }
  }
}

resource "aws_iam_role" "control_plane" {
  count = var.control_plane == null ? 0 : 1

  name                 = "${var.name}-sluice"
  description          = "Sluice: deploys to ${local.prefix} and keeps its secrets"
  assume_role_policy   = data.aws_iam_policy_document.control_plane_trust[0].json
  max_session_duration = 3600
  tags                 = var.tags
}

resource "aws_iam_role_policy_attachment" "control_plane" {
  for_each = var.control_plane == null ? {} : local.deploy_policies

  role       = aws_iam_role.control_plane[0].name
  policy_arn = each.value
}

data "aws_iam_policy_document" "control_plane" {
  statement {
    sid = "WriteSecrets"
    actions = [
      "secretsmanager:PutSecretValue",
      "secretsmanager:UpdateSecretVersionStage",
    ]
    resources = ["${local.arn}:secretsmanager:${local.region}:${local.account}:secret:${var.project}/${var.environment}/*"]
  }

  # Secrets Manager asks for both to encrypt a new value. Through that service alone, and it hands out no value: that
  # would need GetSecretValue.
  dynamic "statement" {
    for_each = length(var.secrets_kms_key_arns) > 0 ? [var.secrets_kms_key_arns] : []

    content {
      sid       = "EncryptSecrets"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${local.region}.amazonaws.com"]
      }
    }
  }

  statement {
    sid       = "ShowLogs"
    actions   = ["logs:FilterLogEvents", "logs:StartLiveTail"]
    resources = ["${local.arn}:logs:${local.region}:${local.account}:log-group:/${var.project}/${var.environment}/*"]
  }
}

resource "aws_iam_role_policy" "control_plane" {
  count = var.control_plane == null ? 0 : 1

  name   = "secrets-and-logs"
  role   = aws_iam_role.control_plane[0].id
  policy = data.aws_iam_policy_document.control_plane.json
}
