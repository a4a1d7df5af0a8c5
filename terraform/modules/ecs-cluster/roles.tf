# The role of the instances: what the ECS agent needs, and only in this cluster.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

resource "aws_iam_role" "instances" {
  count = var.instances == null ? 0 : 1

  name        = var.instances.role_name
  description = "Instances of the cluster ${var.name}."
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_instance_profile" "instances" {
  count = var.instances == null ? 0 : 1

  name = var.instances.role_name
  role = aws_iam_role.instances[0].name
  tags = var.tags
}

# Images, secrets and logs are the business of each task's execution role: an instance may do none of that.
resource "aws_iam_role_policy" "instances" {
  count = var.instances == null ? 0 : 1

  name = "ecs-agent"
  role = aws_iam_role.instances[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "JoinCluster"
        Effect = "Allow"
        Action = [
          "ecs:DeregisterContainerInstance",
          "ecs:RegisterContainerInstance",
          "ecs:SubmitAttachmentStateChanges",
          "ecs:SubmitContainerStateChange",
          "ecs:SubmitTaskStateChange",
        ]
        Resource = aws_ecs_cluster.this.arn
      },
      {
        Sid      = "BeInstance"
        Effect   = "Allow"
        Action   = ["ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState"]
        Resource = "arn:${data.aws_partition.current.partition}:ecs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:container-instance/${var.name}/*"
        Condition = {
          ArnEquals = { "ecs:cluster" = aws_ecs_cluster.this.arn }
        }
      },
      {
        # AWS knows no resource for this action: it only tells where to poll.
        Sid      = "FindEndpoint"
        Effect   = "Allow"
        Action   = "ecs:DiscoverPollEndpoint"
        Resource = "*"
      },
    ]
  })
}
