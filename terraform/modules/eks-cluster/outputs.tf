# Outputs: what kubeconfig, Helm and Kubernetes manifests need.
output "cluster_name" {
  description = "Name of the cluster."
  value       = aws_eks_cluster.this.name
}

output "cluster_arn" {
  description = "ARN of the cluster."
  value       = aws_eks_cluster.this.arn
}

output "cluster_endpoint" {
  description = "URL of the cluster's API."
  value       = aws_eks_cluster.this.endpoint
}

output "cluster_certificate_authority" {
  description = "Certificate authority of the API, base64."
  value       = aws_eks_cluster.this.certificate_authority[0].data
}

output "cluster_version" {
  description = "Kubernetes version."
  value       = aws_eks_cluster.this.version
}

output "cluster_security_group_id" {
  description = "Security group that Amazon EKS made for control plane, nodes and Fargate pods."
  value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}

output "oidc_provider_arn" {
  description = "Identity provider that roles of service accounts trust."
  value       = aws_iam_openid_connect_provider.this.arn
}

output "oidc_issuer" {
  description = "Issuer of the service accounts' tokens, without https://."
  value       = local.oidc_issuer
}

output "node_role_arn" {
  description = "Role of the nodes; null without node groups."
  value       = try(aws_iam_role.node["node"].arn, null)
}

output "fargate_role_arn" {
  description = "Role that Fargate pulls images with; null without Fargate profiles."
  value       = try(aws_iam_role.fargate["fargate"].arn, null)
}

output "service_account_role_arns" {
  description = "Role of each service's service account, by service: the value of its annotation eks.amazonaws.com/role-arn."
  value       = { for service, role in aws_iam_role.service_account : service => role.arn }
}

output "load_balancer_controller_role_arn" {
  description = "Role of the AWS Load Balancer Controller; null when it is not made."
  value       = try(aws_iam_role.load_balancer_controller["controller"].arn, null)
}

output "kms_key_arn" {
  description = "Key that Kubernetes Secrets and the control plane's logs are encrypted with."
  value       = aws_kms_key.this.arn
}
