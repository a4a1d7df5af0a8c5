# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
project              = "fleet"
environment          = "prod"
name                 = "fleet-prod"
account_id           = "555555555555"
region               = "ap-northeast-1"
log_retention_days   = 90
secret_recovery_days = 30

registry = {
  account_id = "222222222222"
  region     = "ap-northeast-1"
}

server_role_name = "fleet-prod-sluice"

network = {
  vpc_cidr            = "10.30.0.0/16"
  zone_count          = 3
  nat                 = "per-zone"
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
  name                = "fleet-prod"
  internal            = false
  deletion_protection = true
  test_port           = 8443
  listener_arn        = null
  certificate_arn     = null
  host                = "fleet.example.com"
  other_hosts         = ["www.fleet.example.com"]
  allow_plain_http    = false
}

ecs_cluster = {
  name                = "fleet-prod"
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
    cpu           = 1024
    memory        = 2048
    replicas      = 3
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
      full           = "fleet-prod-api"
      family         = "fleet-prod-api"
      log_group      = "/fleet/prod/api"
      execution_role = "fleet-prod-api-execution"
      task_role      = "fleet-prod-api-task"
      instance_role  = "fleet-prod-api-instance"
    }
    scaling = {
      min                       = 2
      max                       = 20
      cpu_percent               = 70
      memory_percent            = 75
      requests_per_target       = 500
      scale_in_cooldown_seconds = 300
      schedules = {
        friday-evening = {
          schedule = "cron(0 19 ? * FRI *)"
          timezone = "Asia/Tokyo"
          min      = 6
          max      = 40
        }
        friday-evening-end = {
          schedule = "cron(0 23 ? * FRI *)"
          timezone = "Asia/Tokyo"
          min      = 2
          max      = 20
        }
      }
    }
    balancing = {
      target_group_names = {
        blue  = "fleet-prod-api-blue"
        green = "fleet-prod-api-green"
      }
      sticky_color_seconds = 0
      health_check = {
        path                = "/ready"
        interval_seconds    = 5
        timeout_seconds     = 2
        unhealthy_threshold = 3
      }
      rules = {
        "fleet.example.com/api" = {
          priority = 8926
          hosts    = ["fleet.example.com"]
          paths    = ["/api", "/api/*"]
        }
        "www.fleet.example.com/api" = {
          priority = 9079
          hosts    = ["www.fleet.example.com"]
          paths    = ["/api", "/api/*"]
        }
      }
      test_priorities = {
        blue  = 161
        green = 255
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
      full           = "fleet-prod-billing"
      family         = "fleet-prod-billing"
      log_group      = "/fleet/prod/billing"
      execution_role = "fleet-prod-billing-execution"
      task_role      = "fleet-prod-billing-task"
      instance_role  = "fleet-prod-billing-instance"
    }
    scaling = {
      min                       = 2
      max                       = 20
      cpu_percent               = 70
      memory_percent            = 75
      requests_per_target       = null
      scale_in_cooldown_seconds = 300
      schedules = {
        friday-evening = {
          schedule = "cron(0 19 ? * FRI *)"
          timezone = "Asia/Tokyo"
          min      = 6
          max      = 40
        }
        friday-evening-end = {
          schedule = "cron(0 23 ? * FRI *)"
          timezone = "Asia/Tokyo"
          min      = 2
          max      = 20
        }
      }
    }
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
      full           = "fleet-prod-web"
      family         = "fleet-prod-web"
      log_group      = "/fleet/prod/web"
      execution_role = "fleet-prod-web-execution"
      task_role      = "fleet-prod-web-task"
      instance_role  = "fleet-prod-web-instance"
    }
    scaling = {
      min                       = 2
      max                       = 20
      cpu_percent               = 70
      memory_percent            = 75
      requests_per_target       = 500
      scale_in_cooldown_seconds = 300
      schedules = {
        friday-evening = {
          schedule = "cron(0 19 ? * FRI *)"
          timezone = "Asia/Tokyo"
          min      = 6
          max      = 40
        }
        friday-evening-end = {
          schedule = "cron(0 23 ? * FRI *)"
          timezone = "Asia/Tokyo"
          min      = 2
          max      = 20
        }
      }
    }
    balancing = {
      target_group_names = {
        blue  = "fleet-prod-web-blue"
        green = "fleet-prod-web-green"
      }
      sticky_color_seconds = 3600
      health_check = {
        path                = "/ready"
        interval_seconds    = 5
        timeout_seconds     = 2
        unhealthy_threshold = 3
      }
      rules = {
        "fleet.example.com/" = {
          priority = 9571
          hosts    = ["fleet.example.com"]
          paths    = []
        }
        "www.fleet.example.com/" = {
          priority = 9280
          hosts    = ["www.fleet.example.com"]
          paths    = []
        }
      }
      test_priorities = {
        blue  = 342
        green = 1522
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
  identifier            = "fleet-prod"
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
  replica = {
    region   = "ap-southeast-1"
    vpc_cidr = "10.31.0.0/16"
  }
}

idle = {}

monitoring = {
  alarms    = true
  dashboard = true
  emails    = ["ops@example.com"]
}

backup = {
  name           = "fleet-prod"
  schedules      = ["cron(0 3 * * ? *)"]
  retention_days = 35
  copy_region    = "ap-southeast-1"
}

budget = {
  monthly_usd    = 5000
  alert_percents = [50, 80, 100]
  emails         = ["finance@example.com"]
  by_tag         = false
}
