# What holds for every engine: names, network, parameters, logs, monitoring.
data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  partition  = data.aws_partition.current.partition
  account_id = data.aws_caller_identity.current.account_id
  region     = data.aws_region.current.name

  aurora   = startswith(var.engine, "aurora-")
  postgres = endswith(var.engine, "postgres") || endswith(var.engine, "postgresql")
  port     = coalesce(var.port, local.postgres ? 5432 : 3306)

  # Sets of one or no key, so that a resource that an engine does not have is not made.
  instances        = toset(local.aurora ? [] : ["instance"])
  clusters         = toset(local.aurora ? ["cluster"] : [])
  replicas         = toset(var.replica == null ? [] : ["replica"])
  replica_instance = var.replica == null ? toset([]) : local.instances
  replica_cluster  = var.replica == null ? toset([]) : local.clusters

  version_parts = split(".", var.engine_version)
  family = coalesce(
    var.parameter_group_family,
    local.postgres
    ? "${var.engine}${local.version_parts[0]}"
    : "${var.engine}${join(".", slice(local.version_parts, 0, min(2, length(local.version_parts))))}",
  )

  # Every connection is encrypted. Aurora MySQL wants a word where the others want a number.
  tls = {
    name  = local.postgres ? "rds.force_ssl" : "require_secure_transport"
    value = var.engine == "aurora-mysql" ? "ON" : "1"
  }

  default_log_exports = {
    postgres          = ["postgresql", "upgrade"]
    mysql             = ["error", "slowquery"]
    mariadb           = ["error", "slowquery"]
    aurora-postgresql = ["postgresql"]
    aurora-mysql      = ["error", "slowquery"]
  }
  log_exports      = var.log_exports == null ? local.default_log_exports[var.engine] : var.log_exports
  log_group_prefix = "/aws/rds/${local.aurora ? "cluster" : "instance"}/${var.name}"

  # Classes that Performance Insights does not have (AWS: instance class support for Performance Insights).
  without_insights = (
    contains(["mysql", "mariadb"], var.engine) && can(regex("\\.(micro|small)$", var.instance_class))
    || var.engine == "aurora-mysql" && startswith(var.instance_class, "db.t3.")
  )
  insights_enabled = var.performance_insights_retention_days > 0 && !local.without_insights

  monitoring = toset(var.enhanced_monitoring_seconds > 0 ? ["monitoring"] : [])
}

resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "Data subnets of ${var.name}"
  subnet_ids  = var.subnet_ids
  tags        = var.tags
}

resource "aws_db_parameter_group" "this" {
  for_each = local.instances

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

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(local.log_exports)

  name              = "${local.log_group_prefix}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.this.arn
  tags              = var.tags
}

data "aws_iam_policy_document" "monitoring_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["monitoring.rds.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role" "monitoring" {
  for_each = local.monitoring

  name               = "${var.name}-rds-monitoring"
  description        = "Measures the operating system of the database ${var.name}"
  assume_role_policy = data.aws_iam_policy_document.monitoring_trust.json
  tags               = var.tags
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  for_each = local.monitoring

  role       = aws_iam_role.monitoring[each.key].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
