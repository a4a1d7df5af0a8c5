# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
project      = "fleet"
name         = "fleet"
account_id   = "111111111111"
region       = "ap-northeast-1"
state_bucket = "fleet-organization-state-111111111111"

units = {
  Workloads = {
    parent = null
  }
  DevOU = {
    parent = "Workloads"
  }
  ProdOU = {
    parent = "Workloads"
  }
}

accounts = {
  shared = {
    id    = "222222222222"
    email = "aws-shared@example.com"
    unit  = null
  }
  dev = {
    id    = "333333333333"
    email = "aws-dev@example.com"
    unit  = "DevOU"
  }
  staging = {
    id    = "444444444444"
    email = "aws-staging@example.com"
    unit  = "ProdOU"
  }
  prod = {
    id    = "555555555555"
    email = "aws-prod@example.com"
    unit  = "ProdOU"
  }
  prod-eks = {
    id    = "666666666666"
    email = "aws-prod-eks@example.com"
    unit  = "ProdOU"
  }
  legacy = {
    id    = "777777777777"
    email = "aws-legacy@example.com"
    unit  = "ProdOU"
  }
}

policies = ["allowed-regions", "audit-trail-locked", "no-public-database", "protected-deletion"]

unit_policies = {
  DevOU  = ["no-public-database", "allowed-regions"]
  ProdOU = ["no-public-database", "audit-trail-locked", "allowed-regions", "protected-deletion"]
}
