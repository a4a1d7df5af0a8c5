# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# The account and the region that this folder stands in. Identity comes from the shell, never from here.
provider "aws" {
  region              = var.region
  allowed_account_ids = var.account_id == null ? null : [var.account_id]

  default_tags {
    tags = merge(var.tags, {
      Project     = var.project
      Environment = var.environment
      ManagedBy   = "terraform"
    })
  }

  dynamic "assume_role" {
    for_each = var.assume_role_arn == null ? [] : [var.assume_role_arn]

    content {
      role_arn = assume_role.value
    }
  }
}
