# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
project               = "fleet"
environment           = "prod-eks"
name                  = "fleet-prod-eks"
account_id            = "666666666666"
region                = "ap-southeast-1"
state_bucket          = "fleet-prod-eks-state-666666666666"
target                = "kubernetes"
cluster_name          = "fleet-prod-eks"
load_balancer_name    = "fleet-prod-eks"
database_identifier   = "fleet-prod-eks"
registry_account_id   = "222222222222"
identities_account_id = "111111111111"
pass_role_names       = []

people = {
  admin = {
    role_name           = "fleet-prod-eks-admin"
    level               = "admin"
    description         = "May do everything, break the glass included."
    max_session_seconds = 3600
    approval_required   = true
  }
  operator = {
    role_name           = "fleet-prod-eks-operator"
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
