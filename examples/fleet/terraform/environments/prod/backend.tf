# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# Where the state of this folder lies.
terraform {
  backend "s3" {
    bucket              = "fleet-prod-state-555555555555"
    key                 = "environment.tfstate"
    region              = "ap-northeast-1"
    allowed_account_ids = ["555555555555"]
    use_lockfile        = true
  }
}
