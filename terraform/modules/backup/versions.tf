# The versions of Terraform and of the AWS provider, and the second region that copies go to.
terraform {
  required_version = ">= 1.10.0"

  required_providers {
    aws = {
      source                = "hashicorp/aws"
      version               = "~> 5.100"
      configuration_aliases = [aws.copy]
    }
  }
}
