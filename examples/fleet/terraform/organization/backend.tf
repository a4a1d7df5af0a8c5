# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# Where the state of this folder lies.
terraform {
  backend "s3" {
    bucket              = "fleet-organization-state-111111111111"
    key                 = "organization.tfstate"
    region              = "ap-northeast-1"
    allowed_account_ids = ["111111111111"]
    use_lockfile        = true
  }
}
