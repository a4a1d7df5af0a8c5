# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# The account and the regions that this environment stands in. Identity comes from the shell or the pipeline, never from here.
locals {
  default_tags = merge(var.tags, {
    Project     = var.project
    Environment = var.environment
    ManagedBy   = "terraform"
  })
}

provider "aws" {
  region              = var.region
  allowed_account_ids = var.account_id == null ? null : [var.account_id]

  default_tags {
    tags = local.default_tags
  }

  dynamic "assume_role" {
    for_each = var.assume_role_arn == null ? [] : [var.assume_role_arn]

    content {
      role_arn = assume_role.value
    }
  }
}

# Where a read replica of the database stands; the environment's own region when there is none.
provider "aws" {
  alias               = "replica"
  region              = try(coalesce(var.database.replica.region), var.region)
  allowed_account_ids = var.account_id == null ? null : [var.account_id]

  default_tags {
    tags = local.default_tags
  }

  dynamic "assume_role" {
    for_each = var.assume_role_arn == null ? [] : [var.assume_role_arn]

    content {
      role_arn = assume_role.value
    }
  }
}

# Where backups are copied to; the environment's own region when they are not.
provider "aws" {
  alias               = "copy"
  region              = try(coalesce(var.backup.copy_region), var.region)
  allowed_account_ids = var.account_id == null ? null : [var.account_id]

  default_tags {
    tags = local.default_tags
  }

  dynamic "assume_role" {
    for_each = var.assume_role_arn == null ? [] : [var.assume_role_arn]

    content {
      role_arn = assume_role.value
    }
  }
}
