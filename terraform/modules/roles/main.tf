# What all roles of this module share: names, the account, and the boundary of the roles of people.
data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

data "aws_region" "this" {}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
  region    = data.aws_region.this.name

  # What task definitions, groups and roles of services begin with, and what is called so where no other name is given.
  prefix              = "${var.project}-${var.environment}"
  cluster_name        = var.cluster_name == null ? local.prefix : var.cluster_name
  load_balancer_name  = var.load_balancer_name == null ? local.prefix : var.load_balancer_name
  database_identifier = var.database_identifier == null ? local.prefix : var.database_identifier
  arn                 = "arn:${local.partition}"
  deploys             = var.target != null

  human_names = { for name, role in var.human_roles : name => role.role_name == null ? "${var.name}-${name}" : role.role_name }
  all_names = concat(
    values(local.human_names),
    ["${var.name}-build", "${var.name}-deploy", "${var.name}-plan", "${var.name}-sluice"],
  )

  boundary_arn = (
    var.permissions_boundary_arn == null
    ? "${local.arn}:iam::${local.account}:policy/${var.name}-boundary"
    : var.permissions_boundary_arn
  )
}

data "aws_iam_policy_document" "boundary" {
  # A boundary grants nothing: without this line it would take everything away.
  statement {
    sid       = "WhatPoliciesAllow"
    actions   = ["*"]
    resources = ["*"]
  }

  # A role without the boundary could be given any right, and then be assumed.
  statement {
    sid    = "RolesOnlyWithBoundary"
    effect = "Deny"
    actions = [
      "iam:AttachRolePolicy",
      "iam:CreateRole",
      "iam:PutRolePermissionsBoundary",
      "iam:PutRolePolicy",
    ]
    resources = ["*"]

    condition {
      test     = "StringNotEquals"
      variable = "iam:PermissionsBoundary"
      values   = [local.boundary_arn]
    }
  }

  statement {
    sid    = "PoliciesStay"
    effect = "Deny"
    actions = [
      "iam:CreatePolicyVersion",
      "iam:DeletePolicy",
      "iam:DeletePolicyVersion",
      "iam:SetDefaultPolicyVersion",
    ]
    resources = [local.boundary_arn, "${local.arn}:iam::${local.account}:policy/${var.name}-*"]
  }

  statement {
    sid       = "BoundariesAreNotTakenOff"
    effect    = "Deny"
    actions   = ["iam:DeleteRolePermissionsBoundary"]
    resources = ["${local.arn}:iam::${local.account}:role/*"]
  }

  # Who may assume what is decided in these files and reviewed; an approval that its holder can edit is none.
  statement {
    sid    = "TheseRolesStay"
    effect = "Deny"
    actions = [
      "iam:AttachRolePolicy",
      "iam:DeleteRole",
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:PutRolePermissionsBoundary",
      "iam:PutRolePolicy",
      "iam:UpdateAssumeRolePolicy",
      "iam:UpdateRole",
    ]
    resources = [for name in local.all_names : "${local.arn}:iam::${local.account}:role/${name}"]
  }

  # Identities live in one account; another way in would pass all of the above by.
  statement {
    sid    = "NoOtherWayIn"
    effect = "Deny"
    actions = [
      "iam:AddClientIDToOpenIDConnectProvider",
      "iam:CreateAccessKey",
      "iam:CreateLoginProfile",
      "iam:CreateOpenIDConnectProvider",
      "iam:CreateSAMLProvider",
      "iam:CreateUser",
      "iam:DeleteOpenIDConnectProvider",
      "iam:UpdateLoginProfile",
      "iam:UpdateSAMLProvider",
      "organizations:LeaveOrganization",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "boundary" {
  count = var.permissions_boundary_arn == null ? 1 : 0

  name        = "${var.name}-boundary"
  description = "What nobody who works here may do, whatever else allows it"
  policy      = data.aws_iam_policy_document.boundary.json
  tags        = var.tags
}
