# A role for each service account that reads secrets (IAM Roles for Service Accounts).
data "aws_iam_policy_document" "service_account_trust" {
  for_each = var.service_accounts

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.this.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.oidc_issuer}:sub"
      values   = ["system:serviceaccount:${each.value.namespace}:${each.value.service_account}"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.oidc_issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "service_account" {
  for_each = var.service_accounts

  name               = coalesce(each.value.role_name, "${local.role_prefix}-${each.key}")
  description        = "Service ${each.key} in the cluster ${var.name}"
  assume_role_policy = data.aws_iam_policy_document.service_account_trust[each.key].json
  tags               = var.tags
}

locals {
  secret_readers = { for service, account in var.service_accounts : service => account if length(account.secret_arns) > 0 }
}

data "aws_iam_policy_document" "secrets" {
  for_each = local.secret_readers

  statement {
    sid       = "ReadSecrets"
    actions   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    resources = each.value.secret_arns
  }

  dynamic "statement" {
    for_each = length(each.value.kms_key_arns) > 0 ? [each.value.kms_key_arns] : []

    content {
      sid       = "DecryptSecrets"
      actions   = ["kms:Decrypt"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${local.region}.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role_policy" "secrets" {
  for_each = local.secret_readers

  name   = "secrets"
  role   = aws_iam_role.service_account[each.key].id
  policy = data.aws_iam_policy_document.secrets[each.key].json
}
