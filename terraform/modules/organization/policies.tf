# Service control policies and where they hold.
resource "aws_organizations_policy" "this" {
  for_each = var.policies

  name        = "${var.name}-${each.key}"
  description = each.value.description
  type        = "SERVICE_CONTROL_POLICY"
  content     = each.value.content
  tags        = var.tags

  # Policies of a kind can be made only where the kind is enabled.
  depends_on = [aws_organizations_organization.this]
}

locals {
  attachments = merge(
    { for policy in var.root_policies : "root/${policy}" => { policy = policy, target_id = local.root_id } },
    merge([for unit, policies in var.unit_policies : {
      for policy in policies : "unit/${unit}/${policy}" => { policy = policy, target_id = local.unit[unit].id }
    }]...),
    merge([for account, policies in var.account_policies : {
      for policy in policies : "account/${account}/${policy}" => { policy = policy, target_id = aws_organizations_account.this[account].id }
    }]...),
  )
}

resource "aws_organizations_policy_attachment" "this" {
  for_each = local.attachments

  policy_id = aws_organizations_policy.this[each.value.policy].id
  target_id = each.value.target_id
}
