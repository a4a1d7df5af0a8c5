# Add-ons that Amazon EKS installs and updates.
locals {
  # Daemon sets that a node needs to become ready; they are there before the first node.
  node_addons = {
    vpc-cni                = jsonencode({ enableNetworkPolicy = "true" })
    kube-proxy             = null
    eks-pod-identity-agent = null
  }

  # The provider that mounts secrets is a daemon set: it has no place in a cluster of Fargate alone, where CoreDNS
  # has to be told that it runs on Fargate. A Secret behind variables is made only when its driver is told to make it.
  pod_addons = merge(
    {
      coredns        = length(var.node_groups) > 0 ? null : jsonencode({ computeType = "Fargate" })
      metrics-server = null
    },
    {
      for name in length(var.node_groups) > 0 ? ["aws-secrets-store-csi-driver-provider"] : [] :
      name => jsonencode({ secrets-store-csi-driver = { syncSecret = { enabled = true }, enableSecretRotation = true } })
    },
  )

  further_addons = toset([
    for name in keys(var.addons) : name if !contains(keys(local.node_addons), name) && !contains(keys(local.pod_addons), name)
  ])
}

resource "aws_eks_addon" "before_nodes" {
  for_each = local.node_addons

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = try(var.addons[each.key].version, null)
  configuration_values        = try(coalesce(var.addons[each.key].configuration, each.value), each.value)
  service_account_role_arn    = each.key == "vpc-cni" ? aws_iam_role.vpc_cni.arn : null
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "PRESERVE"
  tags                        = var.tags

  depends_on = [aws_iam_role_policy_attachment.vpc_cni]
}

resource "aws_eks_addon" "after_nodes" {
  for_each = merge(local.pod_addons, { for name in local.further_addons : name => null })

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = try(var.addons[each.key].version, null)
  configuration_values        = try(coalesce(var.addons[each.key].configuration, each.value), each.value)
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "PRESERVE"
  tags                        = var.tags

  # Their pods need something to run on, or the add-on never becomes active.
  depends_on = [aws_eks_node_group.this, aws_eks_fargate_profile.this]
}
