# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
project              = "fleet"
environment          = "dev"
name                 = "fleet-dev"
account_id           = "333333333333"
region               = "ap-northeast-1"
log_retention_days   = 7
secret_recovery_days = 0

registry = {
  account_id = "222222222222"
  region     = "ap-northeast-1"
}

server_role_name = "fleet-dev-sluice"

network = {
  vpc_cidr            = "10.10.0.0/16"
  zone_count          = 2
  nat                 = "one"
  flow_logs           = false
  interface_endpoints = []
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
  name                = "fleet-dev"
  internal            = false
  deletion_protection = false
  test_port           = 8443
  listener_arn        = null
  certificate_arn     = null
  host                = "dev.fleet.example.com"
  other_hosts         = []
  allow_plain_http    = false
}

ecs_cluster = {
  name                = "fleet-dev"
  capacity            = "fargate-spot"
  container_insights  = "disabled"
  spot_percent        = 100
  spot_base_on_demand = 0
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
    cpu           = 256
    memory        = 512
    replicas      = 1
    spot          = false
    start_seconds = 36
    stop_seconds  = 30
    environment = {
      FEATURE_BANNER = "true"
      LOG_LEVEL      = "debug"
      PORT           = "3000"
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
      full           = "fleet-dev-api"
      family         = "fleet-dev-api"
      log_group      = "/fleet/dev/api"
      execution_role = "fleet-dev-api-execution"
      task_role      = "fleet-dev-api-task"
      instance_role  = "fleet-dev-api-instance"
    }
    scaling = {
      min                       = 1
      max                       = 1
      cpu_percent               = null
      memory_percent            = null
      requests_per_target       = null
      scale_in_cooldown_seconds = null
      schedules = {
        nights-stop = {
          schedule = "cron(0 20 ? * MON-FRI *)"
          timezone = "Asia/Tokyo"
          min      = 0
          max      = 0
        }
        nights-start = {
          schedule = "cron(0 8 ? * MON-FRI *)"
          timezone = "Asia/Tokyo"
          min      = 1
          max      = 1
        }
      }
    }
    balancing = {
      target_group_names = {
        blue  = "fleet-dev-api-blue"
        green = "fleet-dev-api-green"
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
          priority = 48960
          hosts    = []
          paths    = ["/api", "/api/*"]
        }
      }
      test_priorities = {
        blue  = 1468
        green = 556
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
    cpu           = 256
    memory        = 512
    replicas      = 1
    spot          = true
    start_seconds = 36
    stop_seconds  = 30
    environment = {
      FEATURE_BANNER = "true"
      LOG_LEVEL      = "debug"
      PORT           = "8080"
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
      full           = "fleet-dev-billing"
      family         = "fleet-dev-billing"
      log_group      = "/fleet/dev/billing"
      execution_role = "fleet-dev-billing-execution"
      task_role      = "fleet-dev-billing-task"
      instance_role  = "fleet-dev-billing-instance"
    }
    scaling = {
      min                       = 1
      max                       = 1
      cpu_percent               = null
      memory_percent            = null
      requests_per_target       = null
      scale_in_cooldown_seconds = null
      schedules = {
        nights-stop = {
          schedule = "cron(0 20 ? * MON-FRI *)"
          timezone = "Asia/Tokyo"
          min      = 0
          max      = 0
        }
        nights-start = {
          schedule = "cron(0 8 ? * MON-FRI *)"
          timezone = "Asia/Tokyo"
          min      = 1
          max      = 1
        }
      }
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
    cpu           = 256
    memory        = 512
    replicas      = 1
    spot          = false
    start_seconds = 36
    stop_seconds  = 30
    environment = {
      API_BASE_URL   = "https://fleet.example.com/api"
      FEATURE_BANNER = "true"
      LOG_LEVEL      = "debug"
      PORT           = "3000"
    }
    files        = {}
    secrets      = {}
    secret_files = {}
    tags = {
      team    = "storefront"
      Service = "web"
    }
    names = {
      full           = "fleet-dev-web"
      family         = "fleet-dev-web"
      log_group      = "/fleet/dev/web"
      execution_role = "fleet-dev-web-execution"
      task_role      = "fleet-dev-web-task"
      instance_role  = "fleet-dev-web-instance"
    }
    scaling = {
      min                       = 1
      max                       = 1
      cpu_percent               = null
      memory_percent            = null
      requests_per_target       = null
      scale_in_cooldown_seconds = null
      schedules = {
        nights-stop = {
          schedule = "cron(0 20 ? * MON-FRI *)"
          timezone = "Asia/Tokyo"
          min      = 0
          max      = 0
        }
        nights-start = {
          schedule = "cron(0 8 ? * MON-FRI *)"
          timezone = "Asia/Tokyo"
          min      = 1
          max      = 1
        }
      }
    }
    balancing = {
      target_group_names = {
        blue  = "fleet-dev-web-blue"
        green = "fleet-dev-web-green"
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
          priority = 49502
          hosts    = []
          paths    = ["/*"]
        }
      }
      test_priorities = {
        blue  = 1205
        green = 1355
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
  identifier            = "fleet-dev"
  engine                = "postgres"
  version               = "17"
  instance_class        = "db.t4g.micro"
  storage_gib           = 20
  port                  = 5432
  database_name         = "fleet"
  multi_az              = false
  deletion_protection   = false
  final_snapshot        = false
  backup_retention_days = 1
  replica               = null
}

idle = {
  nights = {
    stop     = ["cron(0 20 ? * MON-FRI *)"]
    start    = ["cron(0 8 ? * MON-FRI *)"]
    timezone = "Asia/Tokyo"
  }
}

monitoring = null
backup     = null

budget = {
  monthly_usd    = 200
  alert_percents = [80, 100]
  emails         = ["finance@example.com"]
  by_tag         = false
}
