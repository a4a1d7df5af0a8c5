# Versions that this module works with: S3 state locking and mocked tests need 1.10 or later.

terraform {
  required_version = ">= 1.10.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
