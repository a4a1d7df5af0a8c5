# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
project               = "fleet"
environment           = "prod"
name                  = "fleet-prod"
account_id            = "555555555555"
region                = "ap-northeast-1"
state_bucket          = "fleet-prod-state-555555555555"
target                = "ecs"
cluster_name          = "fleet-prod"
load_balancer_name    = "fleet-prod"
database_identifier   = "fleet-prod"
registry_account_id   = "222222222222"
identities_account_id = "111111111111"

pass_role_names = [
  "fleet-prod-api-execution",
  "fleet-prod-api-task",
  "fleet-prod-billing-execution",
  "fleet-prod-billing-task",
  "fleet-prod-web-execution",
  "fleet-prod-web-task",
]

people = {
  admin = {
    role_name           = "fleet-prod-admin"
    level               = "admin"
    description         = "May do everything, break the glass included."
    max_session_seconds = 3600
    approval_required   = true
  }
  operator = {
    role_name           = "fleet-prod-operator"
    level               = "operate"
    description         = "Runs every environment."
    max_session_seconds = 3600
    approval_required   = true
  }
}

control_plane = {
  account_id  = "222222222222"
  role_name   = "fleet-sluice-server"
  external_id = "fleet"
}

github = {
  repository     = "example/fleet"
  makes_provider = true
}
