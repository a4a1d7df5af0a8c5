# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# What all environments share: the registry that images are built for once, the role that builds them, and the role that
# Sluice's server runs as.
data "aws_partition" "this" {}

locals {
  iam = "arn:${data.aws_partition.this.partition}:iam::"

  # A policy has 6,144 characters, and an ARN of a role up to 96.
  assumed_roles = [for role in var.control_plane.assumes : "${local.iam}${role.account_id}:role/${role.role_name}"]
  assumed_parts = { for index, arns in chunklist(local.assumed_roles, 50) : tostring(index + 1) => arns }
}

module "state" {
  source = "../modules/state"

  name = var.state_bucket
}

# One role of GitHub's may push; whatever else the account allows, nobody else does.
module "roles" {
  source = "../modules/roles"
  count  = var.github == null ? 0 : 1

  name        = var.name
  project     = var.project
  environment = "shared"

  github = {
    repository        = var.github.repository
    build_refs        = var.github.build_refs
    oidc_provider_arn = var.github.makes_provider ? null : "${local.iam}${var.account_id}:oidc-provider/token.actions.githubusercontent.com"
  }
}

module "registry" {
  source = "../modules/registry"
  count  = length(var.services) == 0 ? 0 : 1

  name                = var.project
  services            = var.services
  pull_account_ids    = var.pull_account_ids
  push_principal_arns = length(try(var.github.build_refs, [])) == 0 ? [] : module.roles[*].build_role_arn
}

data "aws_iam_policy_document" "server_trust" {
  statement {
    sid     = "Tasks"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }

  statement {
    sid     = "Instances"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "server" {
  # Finds the digest behind a tag, and proves that a digest is there.
  statement {
    sid       = "ReadImages"
    actions   = ["ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"]
    resources = ["arn:${data.aws_partition.this.partition}:ecr:${var.region}:${var.account_id}:repository/${var.project}/*"]
  }

  # The login to the registry knows no resource.
  statement {
    sid       = "RegistryLogin"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
}

# Runs wherever Sluice's server does, as a task or on an instance. The roles in the environments trust it by this name.
resource "aws_iam_role" "server" {
  name               = var.control_plane.role_name
  description        = "Sluice's server: acts in the environments of ${var.project}"
  assume_role_policy = data.aws_iam_policy_document.server_trust.json
}

resource "aws_iam_role_policy" "server" {
  name   = "images"
  role   = aws_iam_role.server.id
  policy = data.aws_iam_policy_document.server.json
}

# Each role by its name: a pattern would take in roles of people that trust this whole account.
data "aws_iam_policy_document" "assume" {
  for_each = local.assumed_parts

  statement {
    sid       = "ActInEnvironments"
    actions   = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
    resources = each.value
  }
}

resource "aws_iam_policy" "assume" {
  for_each = local.assumed_parts

  name        = "${var.control_plane.role_name}-assume-${each.key}"
  description = "Sluice's server: acts in the environments of ${var.project}"
  policy      = data.aws_iam_policy_document.assume[each.key].json
}

resource "aws_iam_role_policy_attachment" "assume" {
  for_each = aws_iam_policy.assume

  role       = aws_iam_role.server.name
  policy_arn = each.value.arn
}

resource "aws_iam_instance_profile" "server" {
  name = var.control_plane.role_name
  role = aws_iam_role.server.name
}
