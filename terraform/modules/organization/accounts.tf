# Member accounts: made here, or taken over by import blocks of the caller.
resource "aws_organizations_account" "this" {
  for_each = var.accounts

  name = each.key
  # What the organization says of an account that exists, so that nobody has to look it up.
  email     = each.value.email != null ? each.value.email : lookup(local.email_of, each.value.id, "")
  parent_id = each.value.unit == null ? local.root_id : local.unit[each.value.unit].id
  role_name = var.account_role_name
  tags      = var.tags

  close_on_deletion = false

  lifecycle {
    prevent_destroy = true
    # AWS tells neither the role nor who sees the bill of an account that exists, and a difference in name or address
    # would replace the account.
    ignore_changes = [email, iam_user_access_to_billing, name, role_name]

    precondition {
      condition     = each.value.id == null || try(contains(keys(local.email_of), each.value.id), false)
      error_message = "Account ${each.key} (${coalesce(each.value.id, "new")}) is not a member of the organization: invite it, accept the invitation there, and apply again."
    }
  }
}
