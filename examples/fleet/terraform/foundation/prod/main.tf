# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# What must exist before anything else of an environment: the bucket for its states, and the roles that people, the
# pipeline and Sluice act as. The same text for every environment; what differs stands in terraform.tfvars.
data "aws_partition" "this" {}

locals {
  iam = "arn:${data.aws_partition.this.partition}:iam::"
}

module "state" {
  source = "../../modules/state"

  name = var.state_bucket
}

module "roles" {
  source = "../../modules/roles"

  name                = var.name
  project             = var.project
  environment         = var.environment
  target              = var.target
  cluster_name        = var.cluster_name
  load_balancer_name  = var.load_balancer_name
  database_identifier = var.database_identifier
  pass_role_arns      = [for name in var.pass_role_names : "${local.iam}${var.account_id}:role/${name}"]
  registry_account_id = var.registry_account_id
  resource_tags       = { Project = var.project, Environment = var.environment }

  human_roles = {
    for name, role in var.people : name => merge(role, {
      trusted_principal_arns = role.approval_required ? [] : ["${local.iam}${var.identities_account_id}:root"]
      principal_arn_patterns = role.approval_required ? [] : var.principal_arn_patterns
      mfa_required           = var.mfa_required
    }) if !role.approval_required || var.control_plane != null
  }

  control_plane = var.control_plane == null ? null : {
    principal_arns = ["${local.iam}${var.control_plane.account_id}:role/${var.control_plane.role_name}"]
    external_id    = var.control_plane.external_id
  }

  # Workflows ask Sluice's server for a promotion. A role that they could deploy with would move users past its gates.
  github = var.github == null ? null : {
    repository        = var.github.repository
    environments      = []
    plan              = true
    oidc_provider_arn = var.github.makes_provider ? null : "${local.iam}${var.account_id}:oidc-provider/token.actions.githubusercontent.com"
  }

  state = {
    bucket_arn  = module.state.bucket_arn
    kms_key_arn = module.state.kms_key_arn
  }
}
