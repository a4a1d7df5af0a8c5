# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
project              = "fleet"
environment          = "prod-eks"
name                 = "fleet-prod-eks"
account_id           = "666666666666"
region               = "ap-southeast-1"
log_retention_days   = 90
secret_recovery_days = 30

registry = {
  account_id = "222222222222"
  region     = "ap-northeast-1"
}

server_role_name = "fleet-prod-eks-sluice"

network = {
  vpc_cidr   = "10.40.0.0/16"
  zone_count = 3
  nat        = "per-zone"
  flow_logs  = true
  interface_endpoints = [
    "autoscaling",
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "logs",
    "secretsmanager",
    "sts",
  ]
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

zone          = "fleet.example.com"
load_balancer = null
ecs_cluster   = null
ec2           = null

eks_cluster = {
  name               = "fleet-prod-eks"
  version            = "1.34"
  namespace          = "fleet-prod-eks"
  certificate_host   = "sea.fleet.example.com"
  fargate_namespaces = ["jobs"]
  node_groups = {
    app = {
      instance_types = ["m5.large"]
      min            = 3
      max            = 12
      desired        = 3
      spot           = false
      labels = {
        tier = "app"
      }
    }
    spot = {
      instance_types = ["m5.large"]
      min            = 0
      max            = 6
      desired        = null
      spot           = true
      labels         = {}
    }
  }
  access = {
    admin = {
      role_name = "fleet-prod-eks-admin"
      groups    = ["fleet:admin"]
      policies  = ["AmazonEKSClusterAdminPolicy"]
    }
    operator = {
      role_name = "fleet-prod-eks-operator"
      groups    = ["fleet:operator"]
      policies  = []
    }
    sluice = {
      role_name = "fleet-prod-eks-sluice"
      groups    = ["fleet:sluice"]
      policies  = []
    }
  }
}

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
    environment   = {}
    files         = {}
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
      full           = "fleet-prod-eks-api"
      family         = "fleet-prod-eks-api"
      log_group      = "/fleet/prod-eks/api"
      execution_role = "fleet-prod-eks-api-execution"
      task_role      = "fleet-prod-eks-api-task"
      instance_role  = "fleet-prod-eks-api-instance"
    }
    scaling = {
      min                       = 3
      max                       = 20
      cpu_percent               = 70
      memory_percent            = 75
      requests_per_target       = 500
      scale_in_cooldown_seconds = 300
      schedules                 = {}
    }
    balancing = null
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
    environment   = {}
    files         = {}
    secrets = {
      STRIPE_KEY = "STRIPE_KEY"
    }
    secret_files = {}
    tags = {
      team    = "payments"
      Service = "billing"
    }
    names = {
      full           = "fleet-prod-eks-billing"
      family         = "fleet-prod-eks-billing"
      log_group      = "/fleet/prod-eks/billing"
      execution_role = "fleet-prod-eks-billing-execution"
      task_role      = "fleet-prod-eks-billing-task"
      instance_role  = "fleet-prod-eks-billing-instance"
    }
    scaling = {
      min                       = 3
      max                       = 20
      cpu_percent               = 70
      memory_percent            = 75
      requests_per_target       = null
      scale_in_cooldown_seconds = 300
      schedules                 = {}
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
    environment   = {}
    files         = {}
    secrets       = {}
    secret_files  = {}
    tags = {
      team    = "storefront"
      Service = "web"
    }
    names = {
      full           = "fleet-prod-eks-web"
      family         = "fleet-prod-eks-web"
      log_group      = "/fleet/prod-eks/web"
      execution_role = "fleet-prod-eks-web-execution"
      task_role      = "fleet-prod-eks-web-task"
      instance_role  = "fleet-prod-eks-web-instance"
    }
    scaling = {
      min                       = 3
      max                       = 20
      cpu_percent               = 70
      memory_percent            = 75
      requests_per_target       = 500
      scale_in_cooldown_seconds = 300
      schedules                 = {}
    }
    balancing = null
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
  identifier            = "fleet-prod-eks"
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
  name           = "fleet-prod-eks"
  schedules      = ["cron(0 3 * * ? *)"]
  retention_days = 35
  copy_region    = null
}

budget = null
