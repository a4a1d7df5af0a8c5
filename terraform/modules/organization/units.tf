# The unit tree: a resource a level, because one resource cannot refer to itself.
locals {
  names_1 = toset([for name, unit in var.units : name if unit.parent == null])
  names_2 = toset([for name, unit in var.units : name if unit.parent == null ? false : contains(local.names_1, unit.parent)])
  names_3 = toset([for name, unit in var.units : name if unit.parent == null ? false : contains(local.names_2, unit.parent)])
  names_4 = toset([for name, unit in var.units : name if unit.parent == null ? false : contains(local.names_3, unit.parent)])
  names_5 = toset([for name, unit in var.units : name if unit.parent == null ? false : contains(local.names_4, unit.parent)])

  unit = merge(
    aws_organizations_organizational_unit.level_1,
    aws_organizations_organizational_unit.level_2,
    aws_organizations_organizational_unit.level_3,
    aws_organizations_organizational_unit.level_4,
    aws_organizations_organizational_unit.level_5,
  )
}

resource "aws_organizations_organizational_unit" "level_1" {
  for_each = local.names_1

  name      = each.key
  parent_id = local.root_id
  tags      = var.tags
}

resource "aws_organizations_organizational_unit" "level_2" {
  for_each = local.names_2

  name      = each.key
  parent_id = aws_organizations_organizational_unit.level_1[var.units[each.key].parent].id
  tags      = var.tags
}

resource "aws_organizations_organizational_unit" "level_3" {
  for_each = local.names_3

  name      = each.key
  parent_id = aws_organizations_organizational_unit.level_2[var.units[each.key].parent].id
  tags      = var.tags
}

resource "aws_organizations_organizational_unit" "level_4" {
  for_each = local.names_4

  name      = each.key
  parent_id = aws_organizations_organizational_unit.level_3[var.units[each.key].parent].id
  tags      = var.tags
}

resource "aws_organizations_organizational_unit" "level_5" {
  for_each = local.names_5

  name      = each.key
  parent_id = aws_organizations_organizational_unit.level_4[var.units[each.key].parent].id
  tags      = var.tags
}
