# Values that contradict each other, and are refused before anything is planned.
mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "replica"
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "copy"
  source = "./tests/mocks"
}

variables {
  database_master_password = "not-a-real-password"
}

run "refuses_a_shared_load_balancer_without_its_network" {
  command = plan

  variables {
    services         = {}
    existing_network = null
    load_balancer = {
      name                = "shared"
      internal            = false
      deletion_protection = true
      test_port           = 8443
      listener_arn        = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:listener/app/shared/1/2"
      certificate_arn     = null
      host                = null
      other_hosts         = []
      allow_plain_http    = false
    }
  }

  expect_failures = [var.load_balancer]
}

run "refuses_a_copy_in_its_own_region" {
  command = plan

  variables {
    services = {}
    backup = {
      name           = "vault"
      schedules      = ["cron(0 3 * * ? *)"]
      retention_days = 7
      copy_region    = "ap-northeast-1"
    }
    region = "ap-northeast-1"
  }

  expect_failures = [var.backup]
}

run "refuses_two_things_that_run_the_services" {
  command = plan

  variables {
    services = {}
    ecs_cluster = {
      name                = "both"
      capacity            = "fargate"
      container_insights  = "disabled"
      spot_percent        = 100
      spot_base_on_demand = 0
      instances           = null
    }
    ec2 = {
      instance_type  = "t3.micro"
      ami            = "ami-0123456789abcdef0"
      warmup_seconds = 60
    }
    eks_cluster = null
  }

  expect_failures = [var.ecs_cluster]
}

run "refuses_a_secret_that_is_not_there" {
  command = plan

  variables {
    secrets = {}
  }

  expect_failures = [var.services]
}
