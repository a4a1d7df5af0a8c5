# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
project          = "fleet"
name             = "fleet-shared"
account_id       = "222222222222"
region           = "ap-northeast-1"
state_bucket     = "fleet-shared-state-222222222222"
services         = ["api", "web"]
pull_account_ids = ["333333333333", "444444444444", "555555555555", "666666666666", "777777777777"]

control_plane = {
  role_name = "fleet-sluice-server"
  assumes = [
    {
      account_id = "333333333333"
      role_name  = "fleet-dev-sluice"
    },
    {
      account_id = "333333333333"
      role_name  = "fleet-dev-admin"
    },
    {
      account_id = "444444444444"
      role_name  = "fleet-staging-sluice"
    },
    {
      account_id = "444444444444"
      role_name  = "fleet-staging-admin"
    },
    {
      account_id = "555555555555"
      role_name  = "fleet-prod-sluice"
    },
    {
      account_id = "555555555555"
      role_name  = "fleet-prod-admin"
    },
    {
      account_id = "555555555555"
      role_name  = "fleet-prod-operator"
    },
    {
      account_id = "666666666666"
      role_name  = "fleet-prod-eks-sluice"
    },
    {
      account_id = "666666666666"
      role_name  = "fleet-prod-eks-admin"
    },
    {
      account_id = "666666666666"
      role_name  = "fleet-prod-eks-operator"
    },
    {
      account_id = "777777777777"
      role_name  = "fleet-legacy-sluice"
    },
    {
      account_id = "777777777777"
      role_name  = "fleet-legacy-admin"
    },
    {
      account_id = "777777777777"
      role_name  = "fleet-legacy-operator"
    },
  ]
}

github = {
  repository     = "example/fleet"
  build_refs     = ["refs/heads/develop", "refs/heads/main"]
  makes_provider = true
}
