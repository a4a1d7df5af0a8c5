# A cluster with nodes and Fargate, its roles, and what is refused.
mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { name = "ap-northeast-1" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/mock" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:ap-northeast-1:111122223333:key/00000000-0000-0000-0000-000000000000" }
  }

  mock_resource "aws_iam_openid_connect_provider" {
    defaults = { arn = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.ap-northeast-1.amazonaws.com/id/0123" }
  }

  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0", latest_version = 1 }
  }

  mock_resource "aws_eks_cluster" {
    defaults = {
      identity              = [{ oidc = [{ issuer = "https://oidc.eks.ap-northeast-1.amazonaws.com/id/0123" }] }]
      certificate_authority = [{ data = "bW9jaw==" }]
    }
  }
}

variables {
  name               = "shop-prod"
  kubernetes_version = "1.34"
  subnet_ids         = ["subnet-a", "subnet-b", "subnet-c"]
  tags               = { project = "shop" }

  node_groups = {
    app   = { instance_types = ["m5.large"], min = 2, max = 6, desired = 3, labels = { tier = "app" } }
    spare = { instance_types = ["m5.large", "m5a.large"], min = 0, max = 4, spot = true }
  }

  fargate_profiles = {
    jobs = { selectors = [{ namespace = "jobs" }] }
  }

  access_entries = {
    operator  = { principal_arn = "arn:aws:iam::111122223333:role/operator", policies = { AmazonEKSClusterAdminPolicy = {} } }
    developer = { principal_arn = "arn:aws:iam::111122223333:role/developer", kubernetes_groups = ["shop:developer"], policies = { AmazonEKSViewPolicy = { namespaces = ["shop-prod"] } } }
  }

  service_accounts = {
    web = {
      namespace       = "shop-prod"
      service_account = "web"
      secret_arns     = ["arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:shop/prod/DATABASE_URL-AbCdEf"]
      kms_key_arns    = ["arn:aws:kms:ap-northeast-1:111122223333:key/11111111-1111-1111-1111-111111111111"]
    }
    worker = { namespace = "shop-prod", service_account = "worker" }
  }
}

run "private_by_default" {
  command = apply

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access && !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "the API must be reached from the network only"
  }

  assert {
    condition     = aws_eks_cluster.this.encryption_config[0].provider[0].key_arn == aws_kms_key.this.arn && aws_kms_key.this.enable_key_rotation
    error_message = "Kubernetes Secrets must be encrypted with a key that is rotated"
  }

  assert {
    condition     = length(aws_eks_cluster.this.enabled_cluster_log_types) == 5 && aws_cloudwatch_log_group.control_plane.name == "/aws/eks/shop-prod/cluster"
    error_message = "the control plane must log everything into a group with retention"
  }

  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API" && !aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions
    error_message = "access must be given by entries only, not to whoever runs Terraform"
  }

  assert {
    condition     = !aws_eks_cluster.this.bootstrap_self_managed_addons
    error_message = "add-ons must be those of Amazon EKS"
  }
}

run "public_endpoint_for_named_ranges" {
  command = plan

  variables {
    endpoint_public_access_cidrs = ["203.0.113.0/24"]
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_public_access && aws_eks_cluster.this.vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24"])
    error_message = "the API must be open to the named range"
  }
}

run "nodes" {
  command = apply

  assert {
    condition     = alltrue([for template in aws_launch_template.node : template.metadata_options[0].http_tokens == "required" && template.metadata_options[0].http_put_response_hop_limit == 1])
    error_message = "pods must not reach the identity of their node"
  }

  assert {
    condition     = alltrue([for template in aws_launch_template.node : template.block_device_mappings[0].ebs[0].encrypted == "true"])
    error_message = "volumes of nodes must be encrypted"
  }

  assert {
    condition     = aws_eks_node_group.this["spare"].capacity_type == "SPOT" && aws_eks_node_group.this["spare"].scaling_config[0].desired_size == 0 && aws_eks_node_group.this["app"].scaling_config[0].desired_size == 3
    error_message = "a group must begin with desired nodes, or with min without it"
  }

  assert {
    condition     = aws_eks_node_group.this["app"].labels == tomap({ tier = "app" })
    error_message = "nodes must carry the labels of their group"
  }
}

run "number_of_nodes_belongs_to_the_autoscaler" {
  command = apply

  variables {
    node_groups = {
      app   = { instance_types = ["m5.large"], min = 2, max = 8, desired = 5 }
      spare = { instance_types = ["m5.large", "m5a.large"], min = 0, max = 4, spot = true }
    }
  }

  assert {
    condition     = aws_eks_node_group.this["app"].scaling_config[0].desired_size == 3 && aws_eks_node_group.this["app"].scaling_config[0].max_size == 8
    error_message = "limits are Terraform's, the number between them is not"
  }
}

run "access" {
  command = apply

  assert {
    condition     = aws_eks_access_policy_association.this["operator-AmazonEKSClusterAdminPolicy"].access_scope[0].type == "cluster"
    error_message = "a policy without namespaces holds for the cluster"
  }

  assert {
    condition     = aws_eks_access_policy_association.this["developer-AmazonEKSViewPolicy"].access_scope[0].namespaces == toset(["shop-prod"]) && aws_eks_access_policy_association.this["developer-AmazonEKSViewPolicy"].policy_arn == "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
    error_message = "a policy with namespaces holds for those"
  }

  assert {
    condition     = aws_eks_access_entry.this["developer"].kubernetes_groups == toset(["shop:developer"])
    error_message = "groups for RBAC must be given"
  }
}

run "addons" {
  command = apply

  assert {
    condition     = jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "network policies must be enforced"
  }

  assert {
    condition     = toset(concat(keys(aws_eks_addon.before_nodes), keys(aws_eks_addon.after_nodes))) == toset(["vpc-cni", "kube-proxy", "eks-pod-identity-agent", "coredns", "metrics-server", "aws-secrets-store-csi-driver-provider"])
    error_message = "the add-ons that every cluster needs must be there"
  }

  assert {
    condition     = jsondecode(aws_eks_addon.after_nodes["aws-secrets-store-csi-driver-provider"].configuration_values).secrets-store-csi-driver == { syncSecret = { enabled = true }, enableSecretRotation = true }
    error_message = "the driver must make Secrets, which variables are read from, and follow new values"
  }
}

run "more_addons" {
  command = plan

  variables {
    addons = {
      snapshot-controller = {}
      vpc-cni             = { version = "v1.20.4-eksbuild.1" }
    }
  }

  assert {
    condition     = contains(keys(aws_eks_addon.after_nodes), "snapshot-controller") && aws_eks_addon.before_nodes["vpc-cni"].addon_version == "v1.20.4-eksbuild.1"
    error_message = "an add-on must be added, and the version of another pinned"
  }

  assert {
    condition     = jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "a pinned version must keep the configuration"
  }
}

run "fargate_alone" {
  command = plan

  variables {
    node_groups      = {}
    fargate_profiles = { all = { selectors = [{ namespace = "kube-system" }, { namespace = "shop-prod" }] } }
  }

  assert {
    condition     = jsondecode(aws_eks_addon.after_nodes["coredns"].configuration_values).computeType == "Fargate" && contains(keys(aws_eks_addon.after_nodes), "metrics-server") && !contains(keys(aws_eks_addon.after_nodes), "aws-secrets-store-csi-driver-provider")
    error_message = "CoreDNS must run on Fargate, where there are no daemon sets"
  }

  assert {
    condition     = length(aws_iam_role.node) == 0
    error_message = "no role of nodes without nodes"
  }
}

run "roles_of_service_accounts" {
  command = apply

  assert {
    condition = toset(flatten([
      for condition in data.aws_iam_policy_document.service_account_trust["web"].statement[0].condition : ["${condition.test} ${condition.variable} ${join(",", condition.values)}"]
      ])) == toset([
      "StringEquals oidc.eks.ap-northeast-1.amazonaws.com/id/0123:sub system:serviceaccount:shop-prod:web",
      "StringEquals oidc.eks.ap-northeast-1.amazonaws.com/id/0123:aud sts.amazonaws.com",
    ])
    error_message = "only this service account may assume the role"
  }

  assert {
    condition     = data.aws_iam_policy_document.secrets["web"].statement[0].resources == toset(var.service_accounts.web.secret_arns)
    error_message = "only the service's secrets may be read"
  }

  assert {
    condition     = toset(keys(aws_iam_role_policy.secrets)) == toset(["web"]) && toset(keys(output.service_account_role_arns)) == toset(["web", "worker"])
    error_message = "a service without secrets has a role without permissions"
  }
}

run "load_balancer_controller" {
  command = apply

  assert {
    condition     = alltrue(flatten([for statement in data.aws_iam_policy_document.load_balancer_controller["controller"].statement : [for action in statement.actions : !strcontains(action, "*")]]))
    error_message = "no action may be a wildcard"
  }

  assert {
    condition = toset([
      for statement in data.aws_iam_policy_document.load_balancer_controller["controller"].statement : statement.sid
      if !strcontains(join(" ", [for condition in statement.condition : "${condition.variable} ${join(" ", condition.values)}"]), "shop-prod")
    ]) == toset(["Read", "ServiceLinkedRole", "CreateSecurityGroupInVpc"])
    error_message = "whatever changes something must be bound to the tag of this cluster"
  }
}

run "without_load_balancer_controller" {
  command = plan

  variables {
    load_balancer_controller_enabled = false
  }

  assert {
    condition     = length(aws_iam_role.load_balancer_controller) == 0 && output.load_balancer_controller_role_arn == null
    error_message = "no role that nobody uses"
  }
}

run "refuses_an_api_open_to_the_world" {
  command = plan

  variables {
    endpoint_public_access_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.endpoint_public_access_cidrs]
}

run "refuses_a_wrong_range" {
  command = plan

  variables {
    endpoint_public_access_cidrs = ["203.0.113.0/33"]
  }

  expect_failures = [var.endpoint_public_access_cidrs]
}

run "refuses_public_service_addresses" {
  command = plan

  variables {
    service_ipv4_cidr = "8.8.0.0/16"
  }

  expect_failures = [var.service_ipv4_cidr]
}

run "refuses_max_below_min" {
  command = plan

  variables {
    node_groups = { app = { instance_types = ["m5.large"], min = 4, max = 2 } }
  }

  expect_failures = [var.node_groups]
}

run "refuses_one_subnet" {
  command = plan

  variables {
    subnet_ids = ["subnet-a"]
  }

  expect_failures = [var.subnet_ids]
}

run "refuses_a_patch_version" {
  command = plan

  variables {
    kubernetes_version = "1.34.1"
  }

  expect_failures = [var.kubernetes_version]
}

run "refuses_system_masters" {
  command = plan

  variables {
    access_entries = { operator = { principal_arn = "arn:aws:iam::111122223333:role/operator", kubernetes_groups = ["system:masters"] } }
  }

  expect_failures = [var.access_entries]
}

run "refuses_an_iam_policy_as_access_policy" {
  command = plan

  variables {
    access_entries = { operator = { principal_arn = "arn:aws:iam::111122223333:role/operator", policies = { AdministratorAccess = {} } } }
  }

  expect_failures = [var.access_entries]
}

run "refuses_a_wildcard_service_account" {
  command = plan

  variables {
    service_accounts = { web = { namespace = "*", service_account = "web" } }
  }

  expect_failures = [var.service_accounts]
}

run "refuses_six_selectors" {
  command = plan

  variables {
    fargate_profiles = { jobs = { selectors = [for letter in ["a", "b", "c", "d", "e", "f"] : { namespace = letter }] } }
  }

  expect_failures = [var.fargate_profiles]
}

run "refuses_configuration_that_is_no_json" {
  command = plan

  variables {
    addons = { coredns = { configuration = "computeType: Fargate" } }
  }

  expect_failures = [var.addons]
}

run "refuses_a_retention_that_cloudwatch_does_not_have" {
  command = plan

  variables {
    log_retention_days = 100
  }

  expect_failures = [var.log_retention_days]
}

run "refuses_a_long_prefix_of_roles" {
  command = plan

  variables {
    name = "a-cluster-with-a-name-that-leaves-no-room-for-roles"
  }

  expect_failures = [var.role_prefix]
}
