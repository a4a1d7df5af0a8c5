# What a deployment may do: bring a color up, point the load balancer at it, nothing else and nowhere else.
locals {
  target = var.target == null ? "none" : var.target
  kinds  = { ecs = ["execution", "task"], ec2 = ["instance"], kubernetes = [], none = [] }

  pass_role_arns = var.pass_role_arns != null ? var.pass_role_arns : [
    for kind in local.kinds[local.target] :
    "${local.arn}:iam::${local.account}:role/${local.prefix}-*-${kind}"
  ]
  passed_to     = { ecs = "ecs-tasks.amazonaws.com", ec2 = "ec2.amazonaws.com" }
  registry      = var.registry_account_id == null ? local.account : var.registry_account_id
  uses_balancer = contains(["ecs", "ec2"], local.target)
  # A policy has 6,144 characters, and an ARN of a role up to 96.
  passed_roles    = local.uses_balancer ? { for index, arns in chunklist(local.pass_role_arns, 60) : tostring(index + 1) => arns } : {}
  launch_template = "${local.arn}:ec2:${local.region}:${local.account}:launch-template/*"
}

data "aws_iam_policy_document" "deploy" {
  dynamic "statement" {
    for_each = local.target == "ecs" ? ["ecs"] : []

    content {
      sid     = "DescribeNewTasks"
      actions = ["ecs:RegisterTaskDefinition"]
      # A registered revision does nothing until a service of this environment is told to use it.
      resources = ["${local.arn}:ecs:${local.region}:${local.account}:task-definition/${local.prefix}-*:*"]
    }
  }

  dynamic "statement" {
    for_each = local.target == "ecs" ? ["ecs"] : []

    content {
      sid       = "TagThem"
      actions   = ["ecs:TagResource"]
      resources = ["${local.arn}:ecs:${local.region}:${local.account}:task-definition/${local.prefix}-*:*"]

      condition {
        test     = "StringEquals"
        variable = "ecs:CreateAction"
        values   = ["RegisterTaskDefinition"]
      }
    }
  }

  dynamic "statement" {
    for_each = local.target == "ecs" ? ["ecs"] : []

    content {
      sid     = "RunServices"
      actions = ["ecs:DescribeServices", "ecs:DescribeTasks", "ecs:StopTask", "ecs:UpdateService"]
      resources = [
        "${local.arn}:ecs:${local.region}:${local.account}:service/${local.cluster_name}/*",
        "${local.arn}:ecs:${local.region}:${local.account}:task/${local.cluster_name}/*",
      ]
    }
  }

  dynamic "statement" {
    for_each = local.target == "ecs" ? ["ecs"] : []

    content {
      sid       = "FindTasks"
      actions   = ["ecs:ListTasks"]
      resources = ["*"]

      condition {
        test     = "ArnEquals"
        variable = "ecs:cluster"
        values   = ["${local.arn}:ecs:${local.region}:${local.account}:cluster/${local.cluster_name}"]
      }
    }
  }

  # The color that serves scales, the other one rests: the pipeline moves the limits with the users.
  dynamic "statement" {
    for_each = local.target == "ecs" ? ["ecs"] : []

    content {
      sid       = "MoveLimits"
      actions   = ["application-autoscaling:RegisterScalableTarget"]
      resources = ["${local.arn}:application-autoscaling:${local.region}:${local.account}:scalable-target/*"]

      condition {
        test     = "StringEquals"
        variable = "application-autoscaling:service-namespace"
        values   = ["ecs"]
      }
    }
  }

  dynamic "statement" {
    for_each = local.target == "ec2" ? ["ec2"] : []

    content {
      sid = "RunGroups"
      actions = [
        "autoscaling:AttachLoadBalancerTargetGroups",
        "autoscaling:AttachTrafficSources",
        "autoscaling:CancelInstanceRefresh",
        "autoscaling:DetachLoadBalancerTargetGroups",
        "autoscaling:DetachTrafficSources",
        "autoscaling:ResumeProcesses",
        "autoscaling:SetDesiredCapacity",
        "autoscaling:StartInstanceRefresh",
        "autoscaling:SuspendProcesses",
        "autoscaling:TerminateInstanceInAutoScalingGroup",
        "autoscaling:UpdateAutoScalingGroup",
      ]
      resources = ["${local.arn}:autoscaling:${local.region}:${local.account}:autoScalingGroup:*:autoScalingGroupName/${local.prefix}-*"]
    }
  }

  dynamic "statement" {
    for_each = local.target == "ec2" ? ["ec2"] : []

    content {
      sid       = "DescribeNewInstances"
      actions   = ["ec2:CreateLaunchTemplateVersion"]
      resources = [local.launch_template]

      dynamic "condition" {
        for_each = var.resource_tags

        content {
          test     = "StringEquals"
          variable = "aws:ResourceTag/${condition.key}"
          values   = [condition.value]
        }
      }
    }
  }

  # Auto Scaling asks whether who names a launch template to a group might start its instances.
  dynamic "statement" {
    for_each = local.target == "ec2" ? ["ec2"] : []

    content {
      sid       = "StartInstancesOfTemplates"
      actions   = ["ec2:RunInstances"]
      resources = ["*"]

      condition {
        test     = "ArnLike"
        variable = "ec2:LaunchTemplate"
        values   = [local.launch_template]
      }

      condition {
        test     = "Bool"
        variable = "ec2:IsLaunchTemplateResource"
        values   = ["true"]
      }
    }
  }

  dynamic "statement" {
    for_each = local.target == "kubernetes" ? ["kubernetes"] : []

    content {
      # What is allowed inside is said by the access entries of the cluster.
      sid       = "FindCluster"
      actions   = ["eks:DescribeCluster"]
      resources = ["${local.arn}:eks:${local.region}:${local.account}:cluster/${local.cluster_name}"]
    }
  }

  dynamic "statement" {
    for_each = local.uses_balancer ? ["switch"] : []

    content {
      sid     = "Switch"
      actions = ["elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule"]
      resources = [
        "${local.arn}:elasticloadbalancing:${local.region}:${local.account}:listener-rule/app/${local.load_balancer_name}/*",
        "${local.arn}:elasticloadbalancing:${local.region}:${local.account}:listener/app/${local.load_balancer_name}/*",
      ]
    }
  }

  statement {
    sid       = "ReadImages"
    actions   = ["ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"]
    resources = ["${local.arn}:ecr:*:${local.registry}:repository/${var.project}/*"]
  }

  # Which version of a secret a release runs with; never its value.
  statement {
    sid       = "ReadSecretVersions"
    actions   = ["secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"]
    resources = ["${local.arn}:secretsmanager:${local.region}:${local.account}:secret:${var.project}/${var.environment}/*"]
  }

  # None of these can be limited to single resources; none changes anything.
  statement {
    sid = "Observe"
    actions = concat(
      ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "ecr:GetAuthorizationToken"],
      local.uses_balancer ? [
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
      ] : [],
      local.target == "ecs" ? ["application-autoscaling:DescribeScalableTargets", "ecs:DescribeTaskDefinition"] : [],
      local.target == "ec2" ? [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeInstanceRefreshes",
        "autoscaling:DescribeScalingActivities",
        "ec2:DescribeInstances",
        "ec2:DescribeLaunchTemplateVersions",
      ] : [],
    )
    resources = ["*"]
  }
}

resource "aws_iam_policy" "deploy" {
  count = local.deploys ? 1 : 0

  name        = "${var.name}-deploy"
  description = "Deploys to ${local.prefix}"
  policy      = data.aws_iam_policy_document.deploy.json
  tags        = var.tags
}

data "aws_iam_policy_document" "pass" {
  for_each = local.passed_roles

  statement {
    sid       = "GiveServicesTheirRoles"
    actions   = ["iam:PassRole"]
    resources = each.value

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = [local.passed_to[local.target]]
    }
  }
}

resource "aws_iam_policy" "pass" {
  for_each = local.passed_roles

  name        = "${var.name}-pass-${each.key}"
  description = "Gives services of ${local.prefix} their roles"
  policy      = data.aws_iam_policy_document.pass[each.key].json
  tags        = var.tags
}

locals {
  deploy_policies = merge(
    local.deploys ? { deploy = aws_iam_policy.deploy[0].arn } : {},
    { for key, policy in aws_iam_policy.pass : "pass-${key}" => policy.arn },
  )
}
