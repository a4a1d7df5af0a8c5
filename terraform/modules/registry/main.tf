# The repositories, what they keep, and who may pull and push.
data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

resource "aws_ecr_repository" "this" {
  for_each = var.services

  name = "${var.name}/${each.key}"
  # A tag that could be moved would let the same name mean another image tomorrow.
  image_tag_mutability = "IMMUTABLE"
  force_delete         = false
  tags                 = var.tags

  encryption_configuration {
    encryption_type = var.encryption
    kms_key         = var.kms_key_arn
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}

locals {
  untagged_rule = {
    rulePriority = 1
    description  = "Images without a tag go after ${var.untagged_days} days"
    selection = {
      tagStatus   = "untagged"
      countType   = "sinceImagePushed"
      countUnit   = "days"
      countNumber = var.untagged_days
    }
    action = { type = "expire" }
  }

  # A rule of lower number keeps what it matches from all later rules, whether it removes it or not. Several prefixes in
  # one rule would all have to be on the same image.
  protected_rules = [for index, prefix in var.protected_tag_prefixes : {
    rulePriority = 10 + index
    description  = "Images tagged ${prefix}… stay"
    selection = {
      tagStatus     = "tagged"
      tagPrefixList = [prefix]
      countType     = "imageCountMoreThan"
      countNumber   = 10000
    }
    action = { type = "expire" }
  }]

  newest_rule = {
    rulePriority = 900
    description  = "The newest ${var.keep_images} images stay"
    selection = {
      tagStatus   = "any"
      countType   = "imageCountMoreThan"
      countNumber = var.keep_images
    }
    action = { type = "expire" }
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  for_each = aws_ecr_repository.this

  repository = each.value.name
  policy     = jsonencode({ rules = concat([local.untagged_rule], local.protected_rules, [local.newest_rule]) })
}
