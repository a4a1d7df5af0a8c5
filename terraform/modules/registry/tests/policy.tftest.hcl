# The policy as AWS would get it: the provider is the real one, which writes policies without asking anybody.
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.this
  values = { account_id = "111122223333" }
}

variables {
  name                = "shop"
  services            = ["web"]
  pull_account_ids    = ["444455556666"]
  push_principal_arns = ["arn:aws:iam::111122223333:role/shop-build"]
}

run "other_accounts_pull_and_cannot_push" {
  command = plan

  assert {
    condition     = jsondecode(aws_ecr_repository_policy.this["web"].policy).Statement[0].Principal.AWS == "arn:aws:iam::444455556666:root"
    error_message = "The account of an environment may not pull."
  }

  assert {
    condition = length(setintersection(
      jsondecode(aws_ecr_repository_policy.this["web"].policy).Statement[0].Action,
      ["ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:BatchDeleteImage", "ecr:SetRepositoryPolicy"],
    )) == 0
    error_message = "Who may pull may change images as well."
  }
}

run "nobody_but_the_build_role_pushes" {
  command = plan

  assert {
    condition = [for statement in jsondecode(aws_ecr_repository_policy.this["web"].policy).Statement : statement.Condition.ArnNotEquals["aws:PrincipalArn"]
      if statement.Effect == "Deny" && contains(statement.Action, "ecr:PutImage")
    ] == ["arn:aws:iam::111122223333:role/shop-build"]
    error_message = "Others than the build role may push."
  }
}
