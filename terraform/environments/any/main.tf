# One environment, made of modules: the same text in every environment, whatever runs its services. Everything that
# differs stands in terraform.tfvars; a part that an environment does not have is null there.
data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

locals {
  # A cluster that stands elsewhere already brings its own roles.
  runs_services = var.ecs_cluster != null || var.ec2 != null || var.eks_cluster != null

  ecs_services        = var.ecs_cluster == null ? {} : var.services
  ec2_services        = var.ec2 == null ? {} : var.services
  kubernetes_services = var.eks_cluster == null ? {} : var.services
  balanced_services   = var.load_balancer == null ? {} : { for service, settings in var.services : service => settings if settings.balancing != null }

  # Outputs of a module are named one by one where something of the module needs what is made here: a whole module would
  # have to be finished first.
  network = var.existing_network != null ? var.existing_network : var.network == null ? null : {
    vpc_id                 = module.network[0].vpc_id
    public_subnet_ids      = module.network[0].public_subnet_ids
    private_subnet_ids     = module.network[0].private_subnet_ids
    data_subnet_ids        = module.network[0].data_subnet_ids
    load_balancer_group_id = module.network[0].security_group_ids.load_balancer
    service_group_id       = module.network[0].security_group_ids.service
    database_group_id      = module.network[0].security_group_ids.database
  }

  # A file is written at the start by a container beside the service's own, which gets the value as a variable. Its name is
  # a hash, because a path with other characters put in their place may be another path's: /a-b and /a/b.
  ecs_secrets = {
    for service, settings in local.ecs_services : service => merge(
      settings.secrets,
      { for path, secret in settings.secret_files : "FILE_${substr(sha256(path), 0, 16)}" => secret },
    )
  }

  secret_arns = length(var.secrets) == 0 ? {} : module.secrets[0].secret_arns
  secret_keys = length(var.secrets) == 0 ? [] : [module.secrets[0].kms_key_arn]

  repository_arns = {
    for service, settings in var.services : service => settings.repository == null || var.registry == null ? [] : [
      "arn:${data.aws_partition.this.partition}:ecr:${var.registry.region}:${var.registry.account_id}:repository/${settings.repository}",
    ]
  }

  # Who fetches a service's secrets at its start: ECS for its tasks, an instance, or the service account of its pods.
  secret_readers = {
    for service, settings in var.services : service => {
      secrets = distinct(concat(values(settings.secrets), values(settings.secret_files)))
      role_arns = concat(
        [for name, task in module.ecs_service : task.execution_role_arn if name == service],
        [for name, instances in module.ec2_service : instances.instance_role_arn if name == service],
        [for cluster in module.eks_cluster : cluster.service_account_role_arns[service]],
      )
    } if length(settings.secrets) + length(settings.secret_files) > 0 && local.runs_services
  }
}

module "network" {
  source = "../../modules/network"
  count  = var.network == null || var.existing_network != null ? 0 : 1

  name                    = var.name
  tags                    = var.tags
  vpc_cidr                = var.network.vpc_cidr
  zone_count              = var.network.zone_count
  nat                     = var.network.nat
  flow_logs               = var.network.flow_logs
  flow_log_group_name     = "/${var.project}/${var.environment}/flow-logs"
  flow_log_retention_days = var.log_retention_days
  interface_endpoints     = var.network.interface_endpoints
  load_balancer_internal  = try(var.load_balancer.internal, false)
  test_port               = try(var.load_balancer.test_port, null)
  test_source_cidrs       = var.test_source_cidrs
  service_ports           = toset([for service in var.services : service.port])
  service_egress          = var.network.service_egress
  database_port           = try(var.database.port, null)

  # The controller of load balancers in a cluster finds its subnets by these.
  public_subnet_tags  = var.eks_cluster == null ? {} : { "kubernetes.io/role/elb" = "1" }
  private_subnet_tags = var.eks_cluster == null ? {} : { "kubernetes.io/role/internal-elb" = "1" }

  database_client_security_group_ids = var.eks_cluster == null ? {} : { cluster = module.eks_cluster[0].cluster_security_group_id }
}

data "aws_route53_zone" "this" {
  count = var.zone == null ? 0 : 1

  name = var.zone
}

module "load_balancer" {
  source = "../../modules/load-balancer"
  count  = var.load_balancer == null ? 0 : 1

  name                = var.load_balancer.name
  tags                = var.tags
  vpc_id              = local.network.vpc_id
  subnet_ids          = var.load_balancer.internal ? local.network.private_subnet_ids : local.network.public_subnet_ids
  security_group_ids  = local.network.load_balancer_group_id == null ? [] : [local.network.load_balancer_group_id]
  internal            = var.load_balancer.internal
  deletion_protection = var.load_balancer.deletion_protection
  listener_arn        = var.load_balancer.listener_arn
  test_listener_arn   = var.load_balancer.listener_arn == null || length(var.test_source_cidrs) == 0 ? null : var.load_balancer.listener_arn
  test_port           = var.load_balancer.test_port
  test_source_cidrs   = var.load_balancer.listener_arn == null ? [] : var.test_source_cidrs
  certificate_arn     = var.load_balancer.certificate_arn
  allow_plain_http    = var.load_balancer.allow_plain_http

  dns = var.zone == null || var.load_balancer.host == null ? null : {
    host        = var.load_balancer.host
    other_hosts = var.load_balancer.other_hosts
    zone_id     = data.aws_route53_zone.this[0].zone_id
  }

  services = {
    for service, settings in local.balanced_services : service => merge(settings.balancing, {
      port          = settings.port
      target_type   = var.ec2 == null ? "ip" : "instance"
      grace_seconds = settings.stop_seconds
    })
  }
}

module "secrets" {
  source = "../../modules/secrets"
  count  = length(var.secrets) == 0 ? 0 : 1

  name                 = var.name
  tags                 = var.tags
  path                 = "${var.project}/${var.environment}"
  recovery_window_days = var.secret_recovery_days
  rotation_lambda_arn  = var.rotation_lambda_arn
  readers              = local.secret_readers

  # A value is rotated by a function that knows how; a secret without one keeps its value until somebody writes another.
  secrets = {
    for name, secret in var.secrets : name => {
      rotation_days = var.rotation_lambda_arn == null ? null : secret.rotation_days
    }
  }
}

# Sluice's server writes values and reads none. Its role stands in the foundation, which is older than this key.
data "aws_iam_policy_document" "secrets_key" {
  count = var.server_role_name == null || length(var.secrets) == 0 ? 0 : 1

  statement {
    sid       = "EncryptSecrets"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = local.secret_keys

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${var.region}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "secrets_key" {
  count = length(data.aws_iam_policy_document.secrets_key)

  name   = "secrets-key"
  role   = var.server_role_name
  policy = data.aws_iam_policy_document.secrets_key[0].json
}

module "ecs_cluster" {
  source = "../../modules/ecs-cluster"
  count  = var.ecs_cluster == null ? 0 : 1

  name               = var.ecs_cluster.name
  tags               = var.tags
  capacity           = var.ecs_cluster.capacity
  container_insights = var.ecs_cluster.container_insights

  instances = var.ecs_cluster.instances == null ? null : {
    instance_type = var.ecs_cluster.instances.instance_type
    min           = var.ecs_cluster.instances.min
    max           = var.ecs_cluster.instances.max
    role_name     = var.ecs_cluster.instances.role_name
    vpc_id        = local.network.vpc_id
    subnet_ids    = local.network.private_subnet_ids
  }
}

module "ecs_service" {
  source   = "../../modules/ecs-service"
  for_each = local.ecs_services

  name                       = each.key
  tags                       = merge(var.tags, each.value.tags)
  cluster_name               = module.ecs_cluster[0].name
  cluster_arn                = module.ecs_cluster[0].arn
  capacity                   = each.value.spot && var.ecs_cluster.capacity == "fargate" ? "fargate-spot" : var.ecs_cluster.capacity
  capacity_provider_name     = module.ecs_cluster[0].capacity_provider_name
  spot_percent               = var.ecs_cluster.spot_percent
  spot_base_on_demand        = var.ecs_cluster.spot_base_on_demand
  family                     = each.value.names.family
  image                      = each.value.image
  repository_arns            = local.repository_arns[each.key]
  cpu                        = each.value.cpu
  memory                     = each.value.memory
  port                       = each.value.port
  command                    = each.value.command
  environment                = each.value.environment
  stop_timeout_seconds       = each.value.stop_seconds
  subnet_ids                 = local.network.private_subnet_ids
  security_group_ids         = [local.network.service_group_id]
  target_group_arns          = contains(keys(local.balanced_services), each.key) ? module.load_balancer[0].target_group_arns[each.key] : null
  request_count_labels       = contains(keys(local.balanced_services), each.key) ? module.load_balancer[0].request_count_labels[each.key] : null
  health_check_grace_seconds = each.value.start_seconds
  log_group_name             = each.value.names.log_group
  log_retention_days         = var.log_retention_days
  role_names                 = { execution = each.value.names.execution_role, task = each.value.names.task_role }
  scaling                    = each.value.scaling
  secret_kms_key_arns        = local.secret_keys
  secrets                    = { for variable, secret in local.ecs_secrets[each.key] : variable => local.secret_arns[secret] }
}

resource "aws_cloudwatch_log_group" "ec2" {
  for_each = local.ec2_services

  name              = each.value.names.log_group
  retention_in_days = var.log_retention_days
  tags              = merge(var.tags, each.value.tags)
}

module "ec2_service" {
  source   = "../../modules/ec2-service"
  for_each = local.ec2_services

  name                       = each.value.names.full
  role_name                  = each.value.names.instance_role
  tags                       = merge(var.tags, each.value.tags)
  service                    = each.key
  subnet_ids                 = local.network.private_subnet_ids
  security_group_ids         = [local.network.service_group_id]
  target_group_arns          = contains(keys(local.balanced_services), each.key) ? module.load_balancer[0].target_group_arns[each.key] : null
  load_balancer_arn          = one(module.load_balancer[*].load_balancer_arn)
  ami                        = var.ec2.ami
  instance_type              = var.ec2.instance_type
  warmup_seconds             = var.ec2.warmup_seconds
  spot                       = each.value.spot
  log_group_name             = aws_cloudwatch_log_group.ec2[each.key].name
  secret_arns                = [for name in distinct(concat(values(each.value.secrets), values(each.value.secret_files))) : local.secret_arns[name]]
  kms_key_arns               = local.secret_keys
  repository_arns            = local.repository_arns[each.key]
  health_check_grace_seconds = each.value.start_seconds

  container = {
    image        = each.value.image
    port         = each.value.port
    command      = coalesce(each.value.command, [])
    environment  = each.value.environment
    files        = each.value.files
    secrets      = { for variable, secret in each.value.secrets : variable => local.secret_arns[secret] }
    secret_files = { for path, secret in each.value.secret_files : path => local.secret_arns[secret] }
    stop_seconds = each.value.stop_seconds
  }

  # Nothing runs before the first release: the pipeline starts the first instances.
  scaling = {
    min                 = each.value.scaling == null ? each.value.replicas : each.value.scaling.min
    max                 = each.value.scaling == null ? each.value.replicas : each.value.scaling.max
    desired             = 0
    cpu_percent         = try(each.value.scaling.cpu_percent, null)
    requests_per_target = try(each.value.scaling.requests_per_target, null)
  }

  schedules = {
    for name, schedule in try(each.value.scaling.schedules, {}) : name => {
      cron     = schedule.schedule
      timezone = schedule.timezone
      min      = schedule.min
      max      = schedule.max
    }
  }
}

module "eks_cluster" {
  source = "../../modules/eks-cluster"
  count  = var.eks_cluster == null ? 0 : 1

  name                         = var.eks_cluster.name
  role_prefix                  = var.name
  tags                         = var.tags
  kubernetes_version           = var.eks_cluster.version
  subnet_ids                   = local.network.private_subnet_ids
  endpoint_public_access_cidrs = var.cluster_public_access_cidrs
  log_retention_days           = var.log_retention_days
  node_groups                  = var.eks_cluster.node_groups

  fargate_profiles = {
    for namespace in var.eks_cluster.fargate_namespaces : namespace => { selectors = [{ namespace = namespace }] }
  }

  access_entries = {
    for name, entry in var.eks_cluster.access : name => {
      principal_arn     = "arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:role/${entry.role_name}"
      kubernetes_groups = entry.groups
      policies          = { for policy in entry.policies : policy => {} }
    }
  }

  service_accounts = {
    for service, settings in local.kubernetes_services : service => {
      namespace       = var.eks_cluster.namespace
      service_account = service
      role_name       = settings.names.task_role
      secret_arns     = [for name in distinct(concat(values(settings.secrets), values(settings.secret_files))) : local.secret_arns[name]]
      kms_key_arns    = local.secret_keys
    }
  }
}

# The controller of load balancers in a cluster finds the certificate of a host by itself; here it is made and validated.
resource "aws_acm_certificate" "cluster" {
  count = try(var.eks_cluster.certificate_host, null) == null || var.zone == null ? 0 : 1

  domain_name       = var.eks_cluster.certificate_host
  validation_method = "DNS"
  tags              = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "cluster_certificate" {
  count = length(aws_acm_certificate.cluster)

  zone_id = data.aws_route53_zone.this[0].zone_id
  name    = one(aws_acm_certificate.cluster[0].domain_validation_options).resource_record_name
  type    = one(aws_acm_certificate.cluster[0].domain_validation_options).resource_record_type
  records = [one(aws_acm_certificate.cluster[0].domain_validation_options).resource_record_value]
  ttl     = 300
}

resource "aws_acm_certificate_validation" "cluster" {
  count = length(aws_acm_certificate.cluster)

  certificate_arn         = aws_acm_certificate.cluster[0].arn
  validation_record_fqdns = aws_route53_record.cluster_certificate[*].fqdn
}

module "replica_network" {
  source = "../../modules/network"
  count  = try(var.database.replica, null) == null ? 0 : 1

  providers = { aws = aws.replica }

  name                    = "${var.name}-replica"
  tags                    = var.tags
  vpc_cidr                = var.database.replica.vpc_cidr
  zone_count              = 2
  nat                     = "none"
  flow_logs               = var.network.flow_logs
  flow_log_group_name     = "/${var.project}/${var.environment}/replica-flow-logs"
  flow_log_retention_days = var.log_retention_days
  test_port               = null
  service_ports           = []
  service_egress          = {}
  database_port           = var.database.port
}

module "database" {
  source = "../../modules/database"
  count  = var.database == null ? 0 : 1

  providers = {
    aws         = aws
    aws.replica = aws.replica
  }

  name                   = var.database.identifier
  tags                   = var.tags
  engine                 = var.database.engine
  engine_version         = var.database.version
  instance_class         = var.database.instance_class
  allocated_storage_gib  = var.database.storage_gib
  multi_az               = var.database.multi_az
  deletion_protection    = var.database.deletion_protection
  final_snapshot_enabled = var.database.final_snapshot
  backup_retention_days  = var.database.backup_retention_days
  port                   = var.database.port
  database_name          = var.database.database_name
  subnet_ids             = local.network.data_subnet_ids
  security_group_ids     = [local.network.database_group_id]
  log_retention_days     = var.log_retention_days
  master_password        = var.database.replica == null ? null : var.database_master_password

  replica = var.database.replica == null ? null : {
    subnet_ids         = module.replica_network[0].data_subnet_ids
    security_group_ids = [module.replica_network[0].security_group_ids.database]
  }
}

# An instance that another region has a copy of cannot be stopped.
module "idle" {
  source = "../../modules/idle"
  count  = var.database == null || length(var.idle) == 0 || try(var.database.replica, null) != null ? 0 : 1

  name      = var.name
  tags      = var.tags
  databases = { main = { identifier = module.database[0].identifier, kind = module.database[0].kind } }
  schedules = var.idle
}

module "observability" {
  source = "../../modules/observability"
  count  = var.monitoring == null ? 0 : 1

  name              = var.name
  tags              = var.tags
  alarms_enabled    = var.monitoring.alarms
  dashboard_enabled = var.monitoring.dashboard
  notify_emails     = var.monitoring.emails
  load_balancer_arn = one(module.load_balancer[*].load_balancer_arn)

  # Pods are measured by Prometheus; CloudWatch knows tasks and instances.
  services = {
    for service, settings in merge(local.ecs_services, local.ec2_services) : service => merge(settings.alarms, {
      target_group_arns       = contains(keys(local.balanced_services), service) ? module.load_balancer[0].target_group_arns[service] : null
      ecs                     = var.ecs_cluster == null ? null : { cluster_name = var.ecs_cluster.name, service_names = module.ecs_service[service].service_names }
      autoscaling_group_names = var.ec2 == null ? null : module.ec2_service[service].autoscaling_group_names
      log_group_name          = settings.names.log_group
    })
  }

  databases = var.database == null ? {} : {
    main = { identifier = module.database[0].identifier, kind = module.database[0].kind }
  }
}

module "backup" {
  source = "../../modules/backup"
  count  = var.backup == null ? 0 : 1

  providers = {
    aws      = aws
    aws.copy = aws.copy
  }

  name                   = var.backup.name
  tags                   = var.tags
  schedule               = var.backup.schedules[0]
  more_schedules         = slice(var.backup.schedules, 1, length(var.backup.schedules))
  retention_days         = var.backup.retention_days
  copy_retention_days    = var.backup.copy_region == null ? null : var.backup.retention_days
  notify                 = try(var.monitoring.alarms, false)
  notification_topic_arn = one(module.observability[*].topic_arn)

  # What a team makes beside this is backed up as well where it carries the tag.
  resource_arns = [for database in module.database : database.arn]
  resource_tags = { Backup = var.name }
}

module "budget" {
  source = "../../modules/budget"
  count  = var.budget == null ? 0 : 1

  name              = var.name
  tags              = var.tags
  monthly_limit_usd = var.budget.monthly_usd
  actual_percents   = var.budget.alert_percents
  emails            = var.budget.emails
  cost_tags         = var.budget.by_tag ? { Environment = var.environment } : {}
}
