# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# Where the state of this folder lies.
terraform {
  backend "s3" {
    bucket              = "fleet-prod-eks-state-666666666666"
    key                 = "foundation.tfstate"
    region              = "ap-southeast-1"
    allowed_account_ids = ["666666666666"]
    use_lockfile        = true
  }
}
