# Two roles: the one that ECS starts tasks with, and the one of the application itself.

locals {
  account_id = data.aws_caller_identity.current.account_id
  arn_prefix = "arn:${data.aws_partition.current.partition}"
  log_arn    = "${local.arn_prefix}:logs:${local.region}:${local.account_id}:log-group:${var.log_group_name}"

  # A reference may go on with :KEY:STAGE:VERSION; the permission is on the secret itself.
  secret_arns    = sort(distinct([for arn in values(var.secrets) : join(":", slice(split(":", arn), 0, 7)) if !strcontains(arn, ":ssm:")]))
  parameter_arns = sort(distinct([for arn in values(var.secrets) : arn if strcontains(arn, ":ssm:")]))

  # Only ECS, and only for this account's tasks: else it could be made to use the roles for somebody else (confused deputy).
  tasks_trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account_id }
        ArnLike      = { "aws:SourceArn" = "${local.arn_prefix}:ecs:${local.region}:${local.account_id}:*" }
      }
    }]
  })

  execution_statements = concat(
    length(var.repository_arns) == 0 ? [] : [
      {
        # AWS knows no resource for this action; the token alone opens no repository.
        Sid      = "LogInToRegistry"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"]
      },
      {
        Sid      = "PullImage"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = var.repository_arns
      },
    ],
    [{
      Sid      = "WriteLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["${local.log_arn}:*"]
    }],
    length(local.secret_arns) == 0 ? [] : [{
      Sid      = "ReadSecrets"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = local.secret_arns
    }],
    length(local.parameter_arns) == 0 ? [] : [{
      Sid      = "ReadParameters"
      Effect   = "Allow"
      Action   = ["ssm:GetParameters"]
      Resource = local.parameter_arns
    }],
  )

  # A list of its own, as its condition gives it another type.
  decrypt_statements = length(var.secret_kms_key_arns) == 0 ? [] : [{
    Sid      = "DecryptSecrets"
    Effect   = "Allow"
    Action   = ["kms:Decrypt"]
    Resource = var.secret_kms_key_arns
    Condition = {
      StringEquals = { "kms:ViaService" = ["secretsmanager.${local.region}.amazonaws.com", "ssm.${local.region}.amazonaws.com"] }
    }
  }]

  exec_statements = concat(
    [{
      # AWS knows no resource for these actions: they open the session's own channels.
      Sid    = "OpenSession"
      Effect = "Allow"
      Action = [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ]
      Resource = ["*"]
    }],
    var.exec_log_group_arn == null ? [] : [
      {
        Sid      = "FindSessionLog"
        Effect   = "Allow"
        Action   = ["logs:DescribeLogGroups"]
        Resource = ["${local.arn_prefix}:logs:${local.region}:${local.account_id}:log-group:*"]
      },
      {
        Sid      = "WriteSessionLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = [var.exec_log_group_arn, "${var.exec_log_group_arn}:*"]
      },
    ],
    var.exec_kms_key_arn == null ? [] : [{
      Sid      = "DecryptSession"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [var.exec_kms_key_arn]
    }],
  )
}

resource "aws_iam_role" "execution" {
  name                 = var.role_names.execution
  description          = "Starts tasks of ${var.family}: pulls the image, writes logs, reads secrets."
  assume_role_policy   = local.tasks_trust
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags
}

resource "aws_iam_role_policy" "execution" {
  name   = "start-tasks"
  role   = aws_iam_role.execution.name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.execution_statements, local.decrypt_statements) })
}

resource "aws_iam_role" "task" {
  name                 = var.role_names.task
  description          = "The application in tasks of ${var.family}."
  assume_role_policy   = local.tasks_trust
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags
}

resource "aws_iam_role_policy" "task" {
  for_each = var.task_policies

  name   = each.key
  role   = aws_iam_role.task.name
  policy = each.value
}

resource "aws_iam_role_policy" "exec" {
  count = var.exec_enabled ? 1 : 0

  name   = "execute-command"
  role   = aws_iam_role.task.name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.exec_statements })
}
