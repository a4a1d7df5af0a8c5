# An Aurora cluster (aurora-postgresql, aurora-mysql), and its copy in another region as a global database.
locals {
  members = toset(local.aurora ? (var.multi_az ? ["1", "2"] : ["1"]) : [])

  replica_members = toset(
    local.aurora && var.replica != null ? (try(var.replica.multi_az, false) ? ["1", "2"] : ["1"]) : []
  )
}

resource "aws_rds_cluster_parameter_group" "this" {
  for_each = local.clusters

  name        = "${var.name}-${replace(local.family, ".", "-")}"
  description = "Parameters of ${var.name}"
  family      = local.family
  tags        = var.tags

  parameter {
    name  = local.tls.name
    value = local.tls.value
  }

  dynamic "parameter" {
    for_each = var.parameters

    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = "pending-reboot"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_rds_cluster" "this" {
  for_each = local.clusters

  cluster_identifier = var.name
  engine             = var.engine
  engine_version     = var.engine_version

  storage_encrypted = true
  kms_key_id        = aws_kms_key.this.arn

  database_name                       = var.database_name
  port                                = local.port
  master_username                     = var.master_username
  manage_master_user_password         = var.replica == null ? true : null
  master_user_secret_kms_key_id       = var.replica == null ? aws_kms_key.this.arn : null
  master_password_wo                  = var.master_password
  master_password_wo_version          = var.replica == null ? null : var.master_password_version
  iam_database_authentication_enabled = var.iam_authentication_enabled

  db_subnet_group_name            = aws_db_subnet_group.this.name
  vpc_security_group_ids          = var.security_group_ids
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.this[each.key].name

  backup_retention_period      = var.backup_retention_days
  preferred_backup_window      = var.backup_window
  preferred_maintenance_window = var.maintenance_window
  copy_tags_to_snapshot        = true
  delete_automated_backups     = false
  deletion_protection          = var.deletion_protection
  skip_final_snapshot          = !var.final_snapshot_enabled
  final_snapshot_identifier    = var.final_snapshot_enabled ? "${var.name}-final" : null

  apply_immediately               = var.apply_immediately
  allow_major_version_upgrade     = false
  enabled_cloudwatch_logs_exports = local.log_exports

  tags = var.tags

  lifecycle {
    # The global database is made of this cluster and writes its own name into it.
    ignore_changes = [global_cluster_identifier]
  }

  depends_on = [aws_cloudwatch_log_group.this]
}

resource "aws_rds_cluster_instance" "this" {
  for_each = local.members

  identifier         = "${var.name}-${each.key}"
  cluster_identifier = aws_rds_cluster.this["cluster"].id
  engine             = var.engine
  engine_version     = aws_rds_cluster.this["cluster"].engine_version
  instance_class     = var.instance_class

  publicly_accessible  = var.publicly_accessible
  db_subnet_group_name = aws_db_subnet_group.this.name
  promotion_tier       = tonumber(each.key) - 1

  apply_immediately          = var.apply_immediately
  auto_minor_version_upgrade = var.auto_minor_version_upgrade
  copy_tags_to_snapshot      = true

  monitoring_interval                   = var.enhanced_monitoring_seconds
  monitoring_role_arn                   = one(values(aws_iam_role.monitoring)[*].arn)
  performance_insights_enabled          = local.insights_enabled
  performance_insights_kms_key_id       = local.insights_enabled ? aws_kms_key.this.arn : null
  performance_insights_retention_period = local.insights_enabled ? var.performance_insights_retention_days : null

  tags = var.tags

  depends_on = [aws_iam_role_policy_attachment.monitoring]
}

resource "aws_rds_global_cluster" "this" {
  for_each = local.replica_cluster

  global_cluster_identifier    = "${var.name}-global"
  source_db_cluster_identifier = aws_rds_cluster.this[each.key].arn

  # Both clusters are deleted by themselves; the global database only names them.
  force_destroy = true
}

resource "aws_rds_cluster_parameter_group" "replica" {
  for_each = local.replica_cluster
  provider = aws.replica

  name        = "${var.name}-replica-${replace(local.family, ".", "-")}"
  description = "Parameters of the replica of ${var.name}"
  family      = local.family
  tags        = var.tags

  parameter {
    name  = local.tls.name
    value = local.tls.value
  }

  dynamic "parameter" {
    for_each = var.parameters

    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = "pending-reboot"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_rds_cluster" "replica" {
  for_each = local.replica_cluster
  provider = aws.replica

  cluster_identifier        = "${var.name}-replica"
  global_cluster_identifier = aws_rds_global_cluster.this[each.key].id
  source_region             = local.region
  engine                    = var.engine
  engine_version            = aws_rds_cluster.this[each.key].engine_version

  storage_encrypted = true
  kms_key_id        = aws_kms_key.replica["replica"].arn

  port                                = local.port
  iam_database_authentication_enabled = var.iam_authentication_enabled

  db_subnet_group_name            = aws_db_subnet_group.replica["replica"].name
  vpc_security_group_ids          = var.replica.security_group_ids
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.replica[each.key].name

  backup_retention_period  = var.backup_retention_days
  copy_tags_to_snapshot    = true
  delete_automated_backups = false
  deletion_protection      = var.deletion_protection
  skip_final_snapshot      = true

  apply_immediately               = var.apply_immediately
  allow_major_version_upgrade     = false
  enabled_cloudwatch_logs_exports = local.log_exports

  tags = var.tags

  lifecycle {
    # Amazon RDS fills it in for a member of a global database, and empties it when the copy is promoted.
    ignore_changes = [replication_source_identifier]
  }

  # A copy is made of a cluster that runs.
  depends_on = [aws_cloudwatch_log_group.replica, aws_rds_cluster_instance.this]
}

resource "aws_rds_cluster_instance" "replica" {
  for_each = local.replica_members
  provider = aws.replica

  identifier         = "${var.name}-replica-${each.key}"
  cluster_identifier = aws_rds_cluster.replica["cluster"].id
  engine             = var.engine
  engine_version     = aws_rds_cluster.replica["cluster"].engine_version
  instance_class     = coalesce(var.replica.instance_class, var.instance_class)

  publicly_accessible  = var.publicly_accessible
  db_subnet_group_name = aws_db_subnet_group.replica["replica"].name
  promotion_tier       = tonumber(each.key) - 1

  apply_immediately          = var.apply_immediately
  auto_minor_version_upgrade = var.auto_minor_version_upgrade
  copy_tags_to_snapshot      = true

  monitoring_interval                   = var.enhanced_monitoring_seconds
  monitoring_role_arn                   = one(values(aws_iam_role.monitoring)[*].arn)
  performance_insights_enabled          = local.insights_enabled
  performance_insights_kms_key_id       = local.insights_enabled ? aws_kms_key.replica["replica"].arn : null
  performance_insights_retention_period = local.insights_enabled ? var.performance_insights_retention_days : null

  tags = var.tags

  depends_on = [aws_iam_role_policy_attachment.monitoring]
}
