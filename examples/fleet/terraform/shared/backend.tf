# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# Where the state of this folder lies.
terraform {
  backend "s3" {
    bucket              = "fleet-shared-state-222222222222"
    key                 = "shared.tfstate"
    region              = "ap-northeast-1"
    allowed_account_ids = ["222222222222"]
    use_lockfile        = true
  }
}
