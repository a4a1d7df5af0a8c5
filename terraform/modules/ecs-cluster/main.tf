# The cluster and what its tasks run on.

locals {
  capacity_providers = {
    fargate      = "FARGATE"
    fargate-spot = "FARGATE_SPOT"
    ec2          = one(aws_ecs_capacity_provider.instances[*].name)
  }
}

resource "aws_ecs_cluster" "this" {
  name = var.name
  tags = var.tags

  setting {
    name  = "containerInsights"
    value = var.container_insights
  }

  configuration {
    execute_command_configuration {
      logging    = var.exec_log == null ? "DEFAULT" : "OVERRIDE"
      kms_key_id = try(var.exec_log.kms_key_arn, null)

      dynamic "log_configuration" {
        for_each = aws_cloudwatch_log_group.exec

        content {
          cloud_watch_log_group_name     = log_configuration.value.name
          cloud_watch_encryption_enabled = var.exec_log.kms_key_arn != null
        }
      }
    }

    dynamic "managed_storage_configuration" {
      for_each = var.storage_kms_key_arn == null ? [] : [var.storage_kms_key_arn]

      content {
        fargate_ephemeral_storage_kms_key_id = managed_storage_configuration.value
      }
    }
  }
}

resource "aws_cloudwatch_log_group" "exec" {
  count = var.exec_log == null ? 0 : 1

  name              = var.exec_log.group_name
  retention_in_days = var.exec_log.retention_days
  kms_key_id        = var.exec_log.kms_key_arn
  tags              = var.tags
}

# Both kinds of Fargate are always there, so that a single service may choose another than the cluster's own.
resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = concat(["FARGATE", "FARGATE_SPOT"], aws_ecs_capacity_provider.instances[*].name)

  default_capacity_provider_strategy {
    capacity_provider = local.capacity_providers[var.capacity]
    weight            = 1
  }
}
