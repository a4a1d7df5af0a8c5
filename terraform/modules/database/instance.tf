# One instance of Amazon RDS (postgres, mysql, mariadb), and its read replica in another region.
locals {
  max_allocated_storage_gib = coalesce(
    var.max_allocated_storage_gib,
    min(65536, max(100, 2 * var.allocated_storage_gib)),
  )
}

resource "aws_db_instance" "this" {
  for_each = local.instances

  identifier     = var.name
  engine         = var.engine
  engine_version = var.engine_version
  instance_class = var.instance_class

  allocated_storage     = var.allocated_storage_gib
  max_allocated_storage = local.max_allocated_storage_gib
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = aws_kms_key.this.arn

  db_name                             = var.database_name
  port                                = local.port
  username                            = var.master_username
  manage_master_user_password         = var.replica == null ? true : null
  master_user_secret_kms_key_id       = var.replica == null ? aws_kms_key.this.arn : null
  password_wo                         = var.master_password
  password_wo_version                 = var.replica == null ? null : var.master_password_version
  iam_database_authentication_enabled = var.iam_authentication_enabled

  multi_az               = var.multi_az
  publicly_accessible    = var.publicly_accessible
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = var.security_group_ids
  parameter_group_name   = aws_db_parameter_group.this[each.key].name

  backup_retention_period   = var.backup_retention_days
  backup_window             = var.backup_window
  maintenance_window        = var.maintenance_window
  copy_tags_to_snapshot     = true
  delete_automated_backups  = false
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.final_snapshot_enabled
  final_snapshot_identifier = var.final_snapshot_enabled ? "${var.name}-final" : null

  apply_immediately           = var.apply_immediately
  auto_minor_version_upgrade  = var.auto_minor_version_upgrade
  allow_major_version_upgrade = false

  enabled_cloudwatch_logs_exports       = local.log_exports
  monitoring_interval                   = var.enhanced_monitoring_seconds
  monitoring_role_arn                   = one(values(aws_iam_role.monitoring)[*].arn)
  performance_insights_enabled          = local.insights_enabled
  performance_insights_kms_key_id       = local.insights_enabled ? aws_kms_key.this.arn : null
  performance_insights_retention_period = local.insights_enabled ? var.performance_insights_retention_days : null

  tags = var.tags

  # Amazon RDS would make log groups of its own, without retention and key.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy_attachment.monitoring]
}

resource "aws_db_subnet_group" "replica" {
  for_each = local.replicas
  provider = aws.replica

  name        = "${var.name}-replica"
  description = "Data subnets of the replica of ${var.name}"
  subnet_ids  = var.replica.subnet_ids
  tags        = var.tags
}

resource "aws_db_parameter_group" "replica" {
  for_each = local.replica_instance
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

resource "aws_db_instance" "replica" {
  for_each = local.replica_instance
  provider = aws.replica

  identifier          = "${var.name}-replica"
  replicate_source_db = aws_db_instance.this[each.key].arn
  instance_class      = coalesce(var.replica.instance_class, var.instance_class)

  max_allocated_storage = local.max_allocated_storage_gib
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = aws_kms_key.replica["replica"].arn

  port                                = local.port
  iam_database_authentication_enabled = var.iam_authentication_enabled

  multi_az               = var.replica.multi_az
  publicly_accessible    = var.publicly_accessible
  db_subnet_group_name   = aws_db_subnet_group.replica["replica"].name
  vpc_security_group_ids = var.replica.security_group_ids
  parameter_group_name   = aws_db_parameter_group.replica[each.key].name

  # It has backups of its own from the first day, so that it is safe the moment it is promoted.
  backup_retention_period  = var.backup_retention_days
  copy_tags_to_snapshot    = true
  delete_automated_backups = false
  deletion_protection      = var.deletion_protection
  skip_final_snapshot      = true

  apply_immediately          = var.apply_immediately
  auto_minor_version_upgrade = var.auto_minor_version_upgrade

  enabled_cloudwatch_logs_exports       = local.log_exports
  monitoring_interval                   = var.enhanced_monitoring_seconds
  monitoring_role_arn                   = one(values(aws_iam_role.monitoring)[*].arn)
  performance_insights_enabled          = local.insights_enabled
  performance_insights_kms_key_id       = local.insights_enabled ? aws_kms_key.replica["replica"].arn : null
  performance_insights_retention_period = local.insights_enabled ? var.performance_insights_retention_days : null

  tags = var.tags

  depends_on = [aws_cloudwatch_log_group.replica, aws_iam_role_policy_attachment.monitoring]
}

resource "aws_cloudwatch_log_group" "replica" {
  for_each = toset(var.replica == null ? [] : local.log_exports)
  provider = aws.replica

  name              = "/aws/rds/${local.aurora ? "cluster" : "instance"}/${var.name}-replica/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.replica["replica"].arn
  tags              = var.tags
}
