# The roles of people: who may assume them, and what each level may do.
data "aws_iam_policy_document" "human_trust" {
  for_each = { for name, role in var.human_roles : name => role if !role.approval_required }

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = each.value.trusted_principal_arns
    }

    dynamic "condition" {
      for_each = each.value.mfa_required ? ["mfa"] : []

      content {
        test     = "Bool"
        variable = "aws:MultiFactorAuthPresent"
        values   = ["true"]
      }
    }

    dynamic "condition" {
      for_each = length(each.value.principal_arn_patterns) > 0 ? [each.value.principal_arn_patterns] : []

      content {
        test     = "ArnLike"
        variable = "aws:PrincipalArn"
        values   = condition.value
      }
    }

    # A role cannot be told to end its sessions before an hour, but it can refuse whoever asks for more, or does not say.
    dynamic "condition" {
      for_each = each.value.max_session_seconds < 3600 ? [each.value.max_session_seconds] : []

      content {
        test     = "NumericLessThanEquals"
        variable = "sts:DurationSeconds"
        values   = [tostring(condition.value)]
      }
    }
  }
}

# Only the control plane, which knows of approvals, and only with the person's name and the approval in the session.
data "aws_iam_policy_document" "approved_trust" {
  for_each = { for name, role in var.human_roles : name => role if role.approval_required }

  statement {
    sid     = "ForAnApproval"
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

    condition {
      test     = "StringLike"
      variable = "sts:SourceIdentity"
      values   = ["?*"]
    }

    condition {
      test     = "StringLike"
      variable = "aws:RequestTag/sluice:approval"
      values   = ["?*"]
    }

    condition {
      test     = "NumericLessThanEquals"
      variable = "sts:DurationSeconds"
      values   = [tostring(each.value.max_session_seconds)]
    }
  }

  statement {
    sid     = "SayWhoAndWhy"
    actions = ["sts:SetSourceIdentity", "sts:TagSession"]

    principals {
      type        = "AWS"
      identifiers = var.control_plane.principal_arns
    }
  }
}

resource "aws_iam_role" "human" {
  for_each = var.human_roles

  name        = local.human_names[each.key]
  description = each.value.description == "" ? "${each.key}: ${each.value.level} in ${local.prefix}" : each.value.description
  assume_role_policy = (
    each.value.approval_required
    ? data.aws_iam_policy_document.approved_trust[each.key].json
    : data.aws_iam_policy_document.human_trust[each.key].json
  )
  # The least that AWS takes; shorter sessions are a condition of the trust.
  max_session_duration = max(3600, each.value.max_session_seconds)
  permissions_boundary = local.boundary_arn
  tags                 = var.tags

  # The boundary is named, not referred to, because it names these roles itself.
  depends_on = [aws_iam_policy.boundary]
}

locals {
  level_policies = {
    admin   = { admin = "${local.arn}:iam::aws:policy/AdministratorAccess" }
    operate = merge(local.deploy_policies, { view = local.view_only, observe = aws_iam_policy.observe.arn, operate = aws_iam_policy.operate.arn })
    read    = { view = local.view_only, observe = aws_iam_policy.observe.arn }
  }
  # Lists and descriptions of every service; unlike ReadOnlyAccess it reads no object, no queue and no table.
  view_only = "${local.arn}:iam::aws:policy/job-function/ViewOnlyAccess"

  human_policies = merge([for name, role in var.human_roles : {
    for key, arn in local.level_policies[role.level] : "${name}/${key}" => { role = name, arn = arn }
  }]...)
}

resource "aws_iam_role_policy_attachment" "human" {
  for_each = local.human_policies

  role       = aws_iam_role.human[each.value.role].name
  policy_arn = each.value.arn
}

# What people who look need beside lists: logs, metrics and the state of tasks of this environment.
data "aws_iam_policy_document" "observe" {
  statement {
    sid = "ReadLogs"
    actions = [
      "logs:DescribeLogStreams",
      "logs:FilterLogEvents",
      "logs:GetLogEvents",
      "logs:GetQueryResults",
      "logs:StartLiveTail",
      "logs:StartQuery",
    ]
    resources = [
      "${local.arn}:logs:${local.region}:${local.account}:log-group:/${var.project}/${var.environment}/*",
    ]
  }

  statement {
    sid = "ReadTasks"
    actions = [
      "ecs:DescribeClusters",
      "ecs:DescribeServices",
      "ecs:DescribeTasks",
      "ecs:ListServiceDeployments",
    ]
    resources = [
      "${local.arn}:ecs:${local.region}:${local.account}:cluster/${local.cluster_name}",
      "${local.arn}:ecs:${local.region}:${local.account}:service/${local.cluster_name}/*",
      "${local.arn}:ecs:${local.region}:${local.account}:task/${local.cluster_name}/*",
    ]
  }

  # None of these can be limited to single resources.
  statement {
    sid = "ReadStates"
    actions = [
      "application-autoscaling:DescribeScalableTargets",
      "application-autoscaling:DescribeScalingActivities",
      "autoscaling:DescribeAutoScalingGroups",
      "cloudwatch:DescribeAlarms",
      "cloudwatch:GetDashboard",
      "cloudwatch:GetMetricData",
      "cloudwatch:ListDashboards",
      "cloudwatch:ListMetrics",
      "ec2:DescribeInstances",
      "ec2:DescribeLaunchTemplateVersions",
      "ecs:DescribeTaskDefinition",
      "ecs:ListServices",
      "ecs:ListTasks",
      "elasticloadbalancing:DescribeListeners",
      "elasticloadbalancing:DescribeLoadBalancers",
      "elasticloadbalancing:DescribeRules",
      "elasticloadbalancing:DescribeTags",
      "elasticloadbalancing:DescribeTargetGroupAttributes",
      "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetHealth",
      "logs:DescribeLogGroups",
      "logs:StopQuery",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "FindCluster"
    actions   = ["eks:DescribeCluster"]
    resources = ["${local.arn}:eks:${local.region}:${local.account}:cluster/${local.cluster_name}"]
  }
}

resource "aws_iam_policy" "observe" {
  name        = "${var.name}-observe"
  description = "Reads logs, metrics and states of ${local.prefix}"
  policy      = data.aws_iam_policy_document.observe.json
  tags        = var.tags
}

# What operators do that a deployment does not.
data "aws_iam_policy_document" "operate" {
  statement {
    sid     = "RestartDatabases"
    actions = ["rds:FailoverDBCluster", "rds:RebootDBInstance"]
    resources = [
      "${local.arn}:rds:${local.region}:${local.account}:cluster:${local.database_identifier}",
      "${local.arn}:rds:${local.region}:${local.account}:db:${local.database_identifier}",
      # Instances of a cluster are numbered.
      "${local.arn}:rds:${local.region}:${local.account}:db:${local.database_identifier}-?",
    ]

    # PROJECT-prod-2 may be an instance of one environment or the database of another.
    dynamic "condition" {
      for_each = var.resource_tags

      content {
        test     = "StringEquals"
        variable = "aws:ResourceTag/${condition.key}"
        values   = [condition.value]
      }
    }
  }

  statement {
    sid       = "SilenceAlarms"
    actions   = ["cloudwatch:DisableAlarmActions", "cloudwatch:EnableAlarmActions"]
    resources = ["${local.arn}:cloudwatch:${local.region}:${local.account}:alarm:${local.prefix}-*"]
  }
}

resource "aws_iam_policy" "operate" {
  name        = "${var.name}-operate"
  description = "Restarts databases and silences alarms of ${local.prefix}"
  policy      = data.aws_iam_policy_document.operate.json
  tags        = var.tags
}
