# What workflows on GitHub may assume: no keys, one repository, and each role for one purpose.
locals {
  github_host     = "token.actions.githubusercontent.com"
  makes_provider  = var.github != null && try(var.github.oidc_provider_arn, null) == null
  repository      = try(var.github.repository, "")
  github_deploys  = length(try(var.github.environments, [])) > 0
  github_builds   = length(try(var.github.build_refs, [])) > 0
  github_plans    = try(var.github.plan, false)
  deploy_subjects = [for environment in try(var.github.environments, []) : "repo:${local.repository}:environment:${environment}"]
  build_subjects  = [for ref in try(var.github.build_refs, []) : "repo:${local.repository}:ref:${ref}"]

  oidc_provider_arn = local.makes_provider ? aws_iam_openid_connect_provider.github[0].arn : try(var.github.oidc_provider_arn, null)

  github_trusts = merge(
    local.github_deploys ? { deploy = local.deploy_subjects } : {},
    local.github_builds ? { build = local.build_subjects } : {},
    local.github_plans ? { plan = ["repo:${local.repository}:pull_request"] } : {},
  )
}

resource "aws_iam_openid_connect_provider" "github" {
  count = local.makes_provider ? 1 : 0

  # AWS knows GitHub's certificates itself and needs no thumbprint.
  url            = "https://${local.github_host}"
  client_id_list = ["sts.amazonaws.com"]
  tags           = var.tags
}

data "aws_iam_policy_document" "github_trust" {
  for_each = local.github_trusts

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.oidc_provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.github_host}:aud"
      values   = ["sts.amazonaws.com"]
    }

    # Without the subject every repository on GitHub could assume the role. Only tags of a build hold patterns.
    condition {
      test     = each.key == "build" ? "StringLike" : "StringEquals"
      variable = "${local.github_host}:sub"
      values   = each.value
    }
  }
}

resource "aws_iam_role" "deploy" {
  count = local.github_deploys ? 1 : 0

  name                 = "${var.name}-deploy"
  description          = "GitHub Actions of ${local.repository}: deploys to ${local.prefix}"
  assume_role_policy   = data.aws_iam_policy_document.github_trust["deploy"].json
  max_session_duration = 3600
  tags                 = var.tags
}

resource "aws_iam_role_policy_attachment" "deploy" {
  for_each = local.github_deploys ? local.deploy_policies : {}

  role       = aws_iam_role.deploy[0].name
  policy_arn = each.value
}

resource "aws_iam_role" "build" {
  count = local.github_builds ? 1 : 0

  name                 = "${var.name}-build"
  description          = "GitHub Actions of ${local.repository}: pushes images"
  assume_role_policy   = data.aws_iam_policy_document.github_trust["build"].json
  max_session_duration = 3600
  tags                 = var.tags
}

data "aws_iam_policy_document" "build" {
  statement {
    sid       = "LogIn"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid = "PushImages"
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
    resources = ["${local.arn}:ecr:*:${local.registry}:repository/${var.project}/*"]
  }
}

resource "aws_iam_role_policy" "build" {
  count = local.github_builds ? 1 : 0

  name   = "push"
  role   = aws_iam_role.build[0].id
  policy = data.aws_iam_policy_document.build.json
}

resource "aws_iam_role" "plan" {
  count = local.github_plans ? 1 : 0

  name                 = "${var.name}-plan"
  description          = "GitHub Actions of ${local.repository}: plans pull requests, changes nothing"
  assume_role_policy   = data.aws_iam_policy_document.github_trust["plan"].json
  max_session_duration = 3600
  tags                 = var.tags
}

# A plan compares everything that is there, of whatever service the files will hold tomorrow.
resource "aws_iam_role_policy_attachment" "plan" {
  count = local.github_plans ? 1 : 0

  role       = aws_iam_role.plan[0].name
  policy_arn = "${local.arn}:iam::aws:policy/ReadOnlyAccess"
}

data "aws_iam_policy_document" "plan" {
  # Anybody who can open a pull request decides what its workflow does: it may see how things are, not what is in them.
  statement {
    sid    = "NoContent"
    effect = "Deny"
    actions = [
      "athena:GetQueryResults",
      "dynamodb:BatchGetItem",
      "dynamodb:GetItem",
      "dynamodb:GetRecords",
      "dynamodb:Query",
      "dynamodb:Scan",
      "ecr:GetAuthorizationToken",
      "kinesis:GetRecords",
      "logs:FilterLogEvents",
      "logs:GetLogEvents",
      "logs:GetQueryResults",
      "logs:StartQuery",
      "secretsmanager:GetSecretValue",
      "sqs:ReceiveMessage",
    ]
    resources = ["*"]
  }

  # Those of AWS, such as the newest machine image, belong to no account and stay readable.
  statement {
    sid       = "NoParameters"
    effect    = "Deny"
    actions   = ["ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters", "ssm:GetParametersByPath"]
    resources = ["${local.arn}:ssm:*:${local.account}:parameter/*"]
  }

  statement {
    sid           = "NoObjects"
    effect        = "Deny"
    actions       = ["s3:GetObject", "s3:GetObjectVersion"]
    resources     = var.state == null ? ["*"] : null
    not_resources = var.state == null ? null : ["${var.state.bucket_arn}/*"]
  }

  dynamic "statement" {
    for_each = var.state == null ? [] : [var.state]

    content {
      sid       = "DecryptState"
      actions   = ["kms:Decrypt"]
      resources = [statement.value.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${local.region}.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role_policy" "plan" {
  count = local.github_plans ? 1 : 0

  name   = "no-content"
  role   = aws_iam_role.plan[0].id
  policy = data.aws_iam_policy_document.plan.json
}
