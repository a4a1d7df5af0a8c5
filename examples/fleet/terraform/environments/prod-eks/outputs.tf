# Rendered by Sluice from sluice.yaml. Do not edit: change the blueprint and run `sluice render`.
# What the pipeline, people and other Terraform folders need to know of the environment. No output holds a secret value.
output "vpc_id" {
  description = "The network; null without one."
  value       = try(local.network.vpc_id, null)
}

output "origin" {
  description = "Scheme and host that users reach; null without a load balancer of the environment's own."
  value       = one(module.load_balancer[*].origin)
}

output "load_balancer_dns_name" {
  description = "Name that AWS gave to the load balancer; null without one."
  value       = one(module.load_balancer[*].dns_name)
}

output "listener_arns" {
  description = "Listener that users reach, and the one on which a color is verified; null without a load balancer."
  value = one([for balancer in module.load_balancer : {
    users = balancer.listener_arn
    test  = balancer.test_listener_arn
  }])
}

output "rule_arns" {
  description = "Rules whose weights the pipeline sets, by service and rule."
  value       = merge([for balancer in module.load_balancer : balancer.rule_arns]...)
}

output "target_group_arns" {
  description = "Target groups by service and color."
  value       = merge([for balancer in module.load_balancer : balancer.target_group_arns]...)
}

output "cluster_name" {
  description = "Cluster of Amazon ECS or EKS; null on instances."
  value       = one(concat(module.ecs_cluster[*].name, module.eks_cluster[*].cluster_name))
}

output "ecs_service_names" {
  description = "Services of Amazon ECS by service and color."
  value       = { for service, task in module.ecs_service : service => task.service_names }
}

output "autoscaling_group_names" {
  description = "Auto scaling groups by service and color, where instances run the services."
  value       = { for service, instances in module.ec2_service : service => instances.autoscaling_group_names }
}

output "role_arns" {
  description = "Roles that a deployment gives to what it starts, by service."
  value = merge(
    { for service, task in module.ecs_service : service => [task.execution_role_arn, task.task_role_arn] },
    { for service, instances in module.ec2_service : service => [instances.instance_role_arn] },
    merge([for cluster in module.eks_cluster : { for service, arn in cluster.service_account_role_arns : service => [arn] }]...),
  )
}

output "load_balancer_controller_role_arn" {
  description = "Role of the AWS Load Balancer Controller; null without a Kubernetes cluster."
  value       = one(module.eks_cluster[*].load_balancer_controller_role_arn)
}

output "certificate_arn" {
  description = "Certificate that users see; null without one."
  value       = one(concat(module.load_balancer[*].certificate_arn, aws_acm_certificate_validation.cluster[*].certificate_arn))
}

output "secret_arns" {
  description = "Secrets by name; their values are written by `sluice secret set`."
  value       = local.secret_arns
}

output "database" {
  description = "Where the database is reached, and the secret that holds its master user's password; null without one."
  value = one([for database in module.database : {
    endpoint         = database.endpoint
    reader_endpoint  = database.reader_endpoint
    replica_endpoint = database.replica_endpoint
    port             = database.port
    secret_arn       = database.master_secret_arn
  }])
}

output "dashboard_name" {
  description = "Dashboard of the environment; null without one."
  value       = one(module.observability[*].dashboard_name)
}
