# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
project               = "fleet"
environment           = "staging"
name                  = "fleet-staging"
account_id            = "444444444444"
region                = "ap-northeast-1"
state_bucket          = "fleet-staging-state-444444444444"
target                = "ecs"
cluster_name          = "fleet-staging"
load_balancer_name    = "fleet-staging"
database_identifier   = "fleet-staging"
registry_account_id   = "222222222222"
identities_account_id = "111111111111"

pass_role_names = [
  "fleet-staging-api-execution",
  "fleet-staging-api-task",
  "fleet-staging-billing-execution",
  "fleet-staging-billing-task",
  "fleet-staging-web-execution",
  "fleet-staging-web-task",
]

people = {
  admin = {
    role_name           = "fleet-staging-admin"
    level               = "admin"
    description         = "May do everything, break the glass included."
    max_session_seconds = 3600
    approval_required   = true
  }
  qa = {
    role_name           = "fleet-staging-qa"
    level               = "read"
    description         = "Tests and approves quality."
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
