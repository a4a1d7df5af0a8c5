# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
project              = "fleet"
environment          = "legacy"
name                 = "fleet-legacy"
account_id           = "777777777777"
region               = "ap-northeast-1"
log_retention_days   = 90
secret_recovery_days = 30

registry = {
  account_id = "222222222222"
  region     = "ap-northeast-1"
}

server_role_name = "fleet-legacy-sluice"

network = {
  vpc_cidr            = "10.50.0.0/16"
  zone_count          = 3
  nat                 = "per-zone"
  flow_logs           = true
  interface_endpoints = ["ec2messages", "ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm", "ssmmessages"]
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
  name                = "fleet-legacy"
  internal            = false
  deletion_protection = true
  test_port           = 8443
  listener_arn        = null
  certificate_arn     = null
  host                = "legacy.fleet.example.com"
  other_hosts         = []
  allow_plain_http    = false
}

ecs_cluster = null

ec2 = {
  instance_type  = "m5.large"
  ami            = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
  warmup_seconds = 120
}

eks_cluster = null

services = {
  api = {
    image         = "222222222222.dkr.ecr.ap-northeast-1.amazonaws.com/fleet/api:unreleased"
    repository    = "fleet/api"
    command       = ["node", "dist/main.js"]
    port          = 3000
    cpu           = 1024
    memory        = 2048
    replicas      = 3
    spot          = false
    start_seconds = 156
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
      full           = "fleet-legacy-api"
      family         = "fleet-legacy-api"
      log_group      = "/fleet/legacy/api"
      execution_role = "fleet-legacy-api-execution"
      task_role      = "fleet-legacy-api-task"
      instance_role  = "fleet-legacy-api-instance"
    }
    scaling = null
    balancing = {
      target_group_names = {
        blue  = "fleet-legacy-api-blue"
        green = "fleet-legacy-api-green"
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
          priority = 48889
          hosts    = []
          paths    = ["/api", "/api/*"]
        }
      }
      test_priorities = {
        blue  = 1078
        green = 132
      }
    }
    alarms = {
      error_rate_percent   = 5
      minimum_requests     = 20
      response_p95_seconds = 1
    }
  }
  billing = {
    image         = "registry.example.com/billing/server@sha256:5f3a1c0e9d7b4a2886c1d0e5f4b3a29187c6d5e4f3b2a1908f7e6d5c4b3a2918"
    repository    = null
    command       = null
    port          = 8080
    cpu           = 1024
    memory        = 2048
    replicas      = 3
    spot          = true
    start_seconds = 156
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
      full           = "fleet-legacy-billing"
      family         = "fleet-legacy-billing"
      log_group      = "/fleet/legacy/billing"
      execution_role = "fleet-legacy-billing-execution"
      task_role      = "fleet-legacy-billing-task"
      instance_role  = "fleet-legacy-billing-instance"
    }
    scaling   = null
    balancing = null
    alarms = {
      error_rate_percent   = 5
      minimum_requests     = 20
      response_p95_seconds = 1
    }
  }
  web = {
    image         = "222222222222.dkr.ecr.ap-northeast-1.amazonaws.com/fleet/web:unreleased"
    repository    = "fleet/web"
    command       = ["node", "dist/main.js"]
    port          = 3000
    cpu           = 1024
    memory        = 2048
    replicas      = 3
    spot          = false
    start_seconds = 156
    stop_seconds  = 30
    environment = {
      API_BASE_URL = "https://fleet.example.com/api"
      LOG_LEVEL    = "info"
      PORT         = "3000"
    }
    files = {
      "/etc/config/settings.json" = "{ \"theme\": \"light\" }\n"
    }
    secrets      = {}
    secret_files = {}
    tags = {
      team    = "storefront"
      Service = "web"
    }
    names = {
      full           = "fleet-legacy-web"
      family         = "fleet-legacy-web"
      log_group      = "/fleet/legacy/web"
      execution_role = "fleet-legacy-web-execution"
      task_role      = "fleet-legacy-web-task"
      instance_role  = "fleet-legacy-web-instance"
    }
    scaling = null
    balancing = {
      target_group_names = {
        blue  = "fleet-legacy-web-blue"
        green = "fleet-legacy-web-green"
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
          priority = 49244
          hosts    = []
          paths    = ["/*"]
        }
      }
      test_priorities = {
        blue  = 418
        green = 1541
      }
    }
    alarms = {
      error_rate_percent   = 5
      minimum_requests     = 20
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
  identifier            = "fleet-legacy"
  engine                = "postgres"
  version               = "17"
  instance_class        = "db.m6g.large"
  storage_gib           = 20
  port                  = 5432
  database_name         = "fleet"
  multi_az              = true
  deletion_protection   = true
  final_snapshot        = true
  backup_retention_days = 30
  replica               = null
}

idle = {}

monitoring = {
  alarms    = true
  dashboard = true
  emails    = ["ops@example.com"]
}

backup = {
  name           = "fleet-legacy"
  schedules      = ["cron(0 3 * * ? *)"]
  retention_days = 35
  copy_region    = null
}

budget = null
