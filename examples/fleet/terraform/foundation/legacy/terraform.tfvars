# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
project               = "fleet"
environment           = "legacy"
name                  = "fleet-legacy"
account_id            = "777777777777"
region                = "ap-northeast-1"
state_bucket          = "fleet-legacy-state-777777777777"
target                = "ec2"
cluster_name          = null
load_balancer_name    = "fleet-legacy"
database_identifier   = "fleet-legacy"
registry_account_id   = "222222222222"
identities_account_id = "111111111111"
pass_role_names       = ["fleet-legacy-api-instance", "fleet-legacy-billing-instance", "fleet-legacy-web-instance"]

people = {
  admin = {
    role_name           = "fleet-legacy-admin"
    level               = "admin"
    description         = "May do everything, break the glass included."
    max_session_seconds = 3600
    approval_required   = true
  }
  operator = {
    role_name           = "fleet-legacy-operator"
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
