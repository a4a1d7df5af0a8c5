# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
project              = "fleet"
environment          = "staging"
name                 = "fleet-staging"
account_id           = "444444444444"
region               = "ap-northeast-1"
log_retention_days   = 30
secret_recovery_days = 7

registry = {
  account_id = "222222222222"
  region     = "ap-northeast-1"
}

server_role_name = "fleet-staging-sluice"

network = {
  vpc_cidr            = "10.20.0.0/16"
  zone_count          = 3
  nat                 = "one"
  flow_logs           = true
  interface_endpoints = ["ecr.api", "ecr.dkr", "logs", "secretsmanager"]
  service_egress = {
    "0.0.0.0/0" = {
      cidr  = "0.0.0.0/0"
      ports = [443]
    }
    "10.0.0.0/8" = {
      cidr  = "10.0.0.0/8"
      ports = [5432]
    }
  }
}

zone = "fleet.example.com"

load_balancer = {
  name                = "fleet-staging"
  internal            = false
  deletion_protection = false
  test_port           = 8443
  listener_arn        = null
  certificate_arn     = null
  host                = "staging.fleet.example.com"
  other_hosts         = []
  allow_plain_http    = false
}

ecs_cluster = {
  name                = "fleet-staging"
  capacity            = "fargate"
  container_insights  = "enabled"
  spot_percent        = 80
  spot_base_on_demand = 1
  instances           = null
}

ec2         = null
eks_cluster = null

services = {
  api = {
    image         = "222222222222.dkr.ecr.ap-northeast-1.amazonaws.com/fleet/api:unreleased"
    repository    = "fleet/api"
    command       = ["node", "dist/main.js"]
    port          = 3000
    cpu           = 512
    memory        = 1024
    replicas      = 2
    spot          = false
    start_seconds = 36
    stop_seconds  = 30
    environment = {
      LOG_LEVEL = "info"
      PORT      = "3000"
    }
    files = {}
    secrets = {
      DATABASE_URL = "DATABASE_URL"
    }
    secret_files = {
      "/etc/secrets/db-password" = "db-password"
    }
    tags = {
      team    = "platform"
      Service = "api"
    }
    names = {
      full           = "fleet-staging-api"
      family         = "fleet-staging-api"
      log_group      = "/fleet/staging/api"
      execution_role = "fleet-staging-api-execution"
      task_role      = "fleet-staging-api-task"
      instance_role  = "fleet-staging-api-instance"
    }
    scaling = {
      min                       = 2
      max                       = 4
      cpu_percent               = 70
      memory_percent            = 75
      requests_per_target       = 500
      scale_in_cooldown_seconds = 300
      schedules                 = {}
    }
    balancing = {
      target_group_names = {
        blue  = "fleet-staging-api-blue"
        green = "fleet-staging-api-green"
      }
      sticky_color_seconds = 0
      health_check = {
        path                = "/ready"
        interval_seconds    = 5
        timeout_seconds     = 2
        unhealthy_threshold = 3
      }
      rules = {
        "/api" = {
          priority = 48747
          hosts    = []
          paths    = ["/api", "/api/*"]
        }
      }
      test_priorities = {
        blue  = 627
        green = 1286
      }
    }
    alarms = {
      error_rate_percent   = 5
      minimum_requests     = 1
      response_p95_seconds = 1
    }
  }
  billing = {
    image         = "registry.example.com/billing/server@sha256:5f3a1c0e9d7b4a2886c1d0e5f4b3a29187c6d5e4f3b2a1908f7e6d5c4b3a2918"
    repository    = null
    command       = null
    port          = 8080
    cpu           = 512
    memory        = 1024
    replicas      = 2
    spot          = true
    start_seconds = 36
    stop_seconds  = 30
    environment = {
      PORT = "8080"
    }
    files = {}
    secrets = {
      STRIPE_KEY = "STRIPE_KEY"
    }
    secret_files = {}
    tags = {
      team    = "payments"
      Service = "billing"
    }
    names = {
      full           = "fleet-staging-billing"
      family         = "fleet-staging-billing"
      log_group      = "/fleet/staging/billing"
      execution_role = "fleet-staging-billing-execution"
      task_role      = "fleet-staging-billing-task"
      instance_role  = "fleet-staging-billing-instance"
    }
    scaling = {
      min                       = 2
      max                       = 4
      cpu_percent               = 70
      memory_percent            = 75
      requests_per_target       = null
      scale_in_cooldown_seconds = 300
      schedules                 = {}
    }
    balancing = null
    alarms = {
      error_rate_percent   = 5
      minimum_requests     = 1
      response_p95_seconds = 1
    }
  }
  web = {
    image         = "222222222222.dkr.ecr.ap-northeast-1.amazonaws.com/fleet/web:unreleased"
    repository    = "fleet/web"
    command       = ["node", "dist/main.js"]
    port          = 3000
    cpu           = 512
    memory        = 1024
    replicas      = 2
    spot          = false
    start_seconds = 36
    stop_seconds  = 30
    environment = {
      API_BASE_URL = "https://fleet.example.com/api"
      LOG_LEVEL    = "info"
      PORT         = "3000"
    }
    files        = {}
    secrets      = {}
    secret_files = {}
    tags = {
      team    = "storefront"
      Service = "web"
    }
    names = {
      full           = "fleet-staging-web"
      family         = "fleet-staging-web"
      log_group      = "/fleet/staging/web"
      execution_role = "fleet-staging-web-execution"
      task_role      = "fleet-staging-web-task"
      instance_role  = "fleet-staging-web-instance"
    }
    scaling = {
      min                       = 2
      max                       = 4
      cpu_percent               = 70
      memory_percent            = 75
      requests_per_target       = 500
      scale_in_cooldown_seconds = 300
      schedules                 = {}
    }
    balancing = {
      target_group_names = {
        blue  = "fleet-staging-web-blue"
        green = "fleet-staging-web-green"
      }
      sticky_color_seconds = 0
      health_check = {
        path                = "/ready"
        interval_seconds    = 5
        timeout_seconds     = 2
        unhealthy_threshold = 3
      }
      rules = {
        "/" = {
          priority = 49530
          hosts    = []
          paths    = ["/*"]
        }
      }
      test_priorities = {
        blue  = 77
        green = 1224
      }
    }
    alarms = {
      error_rate_percent   = 5
      minimum_requests     = 1
      response_p95_seconds = 1
    }
  }
}

secrets = {
  DATABASE_URL = {
    rotation_days = 30
  }
  STRIPE_KEY = {
    rotation_days = null
  }
  db-password = {
    rotation_days = 30
  }
}

database = {
  identifier            = "fleet-staging"
  engine                = "postgres"
  version               = "17"
  instance_class        = "db.t4g.medium"
  storage_gib           = 20
  port                  = 5432
  database_name         = "fleet"
  multi_az              = true
  deletion_protection   = false
  final_snapshot        = true
  backup_retention_days = 7
  replica               = null
}

idle = {}

monitoring = {
  alarms    = true
  dashboard = true
  emails    = ["ops@example.com"]
}

backup = {
  name           = "fleet-staging"
  schedules      = ["cron(0 3 * * ? *)"]
  retention_days = 7
  copy_region    = null
}

budget = null
