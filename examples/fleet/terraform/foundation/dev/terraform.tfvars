# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
project               = "fleet"
environment           = "dev"
name                  = "fleet-dev"
account_id            = "333333333333"
region                = "ap-northeast-1"
state_bucket          = "fleet-dev-state-333333333333"
target                = "ecs"
cluster_name          = "fleet-dev"
load_balancer_name    = "fleet-dev"
database_identifier   = "fleet-dev"
registry_account_id   = "222222222222"
identities_account_id = "111111111111"

pass_role_names = [
  "fleet-dev-api-execution",
  "fleet-dev-api-task",
  "fleet-dev-billing-execution",
  "fleet-dev-billing-task",
  "fleet-dev-web-execution",
  "fleet-dev-web-task",
]

people = {
  admin = {
    role_name           = "fleet-dev-admin"
    level               = "admin"
    description         = "May do everything, break the glass included."
    max_session_seconds = 3600
    approval_required   = true
  }
  developer = {
    role_name           = "fleet-dev-developer"
    level               = "admin"
    description         = "Makes releases and reviews them; runs the first environment."
    max_session_seconds = 3600
    approval_required   = false
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
