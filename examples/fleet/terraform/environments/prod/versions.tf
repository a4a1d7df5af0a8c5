# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# Versions of Terraform and of the AWS provider that everything here was tested with.
terraform {
  required_version = ">= 1.10.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
