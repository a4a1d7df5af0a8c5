# Who may read which secret: a policy on each secret that has readers.
locals {
  readers = {
    for name in keys(var.secrets) : name => {
      for service, reader in var.readers : service => reader.role_arns if contains(reader.secrets, name)
    }
  }

  read_secrets = { for name, services in local.readers : name => services if length(services) > 0 }
}

data "aws_iam_policy_document" "readers" {
  for_each = local.read_secrets

  dynamic "statement" {
    for_each = each.value

    content {
      sid       = "Read${replace(title(replace(statement.key, "/[^A-Za-z0-9]/", " ")), " ", "")}"
      actions   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
      resources = [aws_secretsmanager_secret.this[each.key].arn]

      principals {
        type        = "AWS"
        identifiers = statement.value
      }
    }
  }

  dynamic "statement" {
    for_each = var.deny_others ? ["deny"] : []

    content {
      sid       = "NobodyElse"
      effect    = "Deny"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [aws_secretsmanager_secret.this[each.key].arn]

      principals {
        type        = "AWS"
        identifiers = ["*"]
      }

      condition {
        test     = "ArnNotEquals"
        variable = "aws:PrincipalArn"
        values   = sort(distinct(concat(flatten(values(each.value)), var.always_allowed_role_arns)))
      }
    }
  }
}

resource "aws_secretsmanager_secret_policy" "readers" {
  for_each = local.read_secrets

  secret_arn          = aws_secretsmanager_secret.this[each.key].arn
  policy              = data.aws_iam_policy_document.readers[each.key].json
  block_public_policy = true
}
