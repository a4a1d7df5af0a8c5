import type { EnvironmentSettings } from '../../blueprint/layer-environment.ts'
import type {
  ResolvedBlueprint,
  ResolvedEnvironment,
  ResolvedService,
} from '../../blueprint/resolve-blueprint.ts'
import { eksClusterName, secretName, taskRoleName } from '../names.ts'
import { clusterAccess } from './cluster-access.ts'
import { namespaceOf } from './environment-plan.ts'

/** An object of eksctl, not of a cluster: its metadata are others. */
interface ClusterConfig {
  readonly apiVersion: string
  readonly kind: string
  readonly [field: string]: unknown
}

type Cluster = NonNullable<EnvironmentSettings['kubernetes']['cluster']>

const NAT = { none: 'Disable', one: 'Single', 'per-zone': 'HighlyAvailable' } as const

/** A Secret behind variables is made only when the driver is told to make it, and new values arrive only when asked for. */
const SECRETS_DRIVER = {
  'secrets-store-csi-driver': { syncSecret: { enabled: true }, enableSecretRotation: true },
}

/** The cluster for `eksctl create cluster -f`; none where the blueprint describes none, or not where it stands. */
export function clusterConfig(
  blueprint: ResolvedBlueprint,
  environment: ResolvedEnvironment,
): ClusterConfig | undefined {
  const { kubernetes, region, network } = environment.settings
  const { cluster } = kubernetes
  if (cluster === undefined || region === undefined) return undefined
  const groups = nodeGroups(cluster)
  return {
    apiVersion: 'eksctl.io/v1alpha5',
    kind: 'ClusterConfig',
    metadata: {
      name: eksClusterName(blueprint.project, environment),
      region,
      version: cluster.version,
      tags: { Project: blueprint.project, Environment: environment.name },
    },
    vpc: {
      cidr: network.cidr,
      nat: { gateway: NAT[network.nat] },
      clusterEndpoints: { privateAccess: true, publicAccess: true },
    },
    iam: { withOIDC: true, serviceAccounts: serviceAccounts(blueprint, environment) },
    accessConfig: { authenticationMode: 'API', accessEntries: accessEntries(blueprint, environment) },
    addons: addons(groups.length > 0),
    managedNodeGroups: groups,
    fargateProfiles: (cluster.fargate ?? []).map(name => ({ name, selectors: [{ namespace: name }] })),
    cloudWatch: { clusterLogging: { enableTypes: ['api', 'audit', 'authenticator'] } },
  }
}

function nodeGroups({ nodeGroups: groups = {} }: Cluster): readonly object[] {
  return Object.entries(groups)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, group]) =>
      group === null
        ? []
        : [
            {
              name,
              instanceTypes: [group.instanceType],
              spot: group.spot ?? false,
              minSize: group.min,
              maxSize: group.max,
              desiredCapacity: group.desired ?? group.min,
              privateNetworking: true,
              volumeEncrypted: true,
              disableIMDSv1: true,
              // Pods cannot take the identity of their node; they have one of their own.
              disablePodIMDS: true,
              labels: group.labels ?? {},
            },
          ],
    )
}

/** Daemon sets have no place in a cluster of Fargate alone, where CoreDNS has to be told that it runs on Fargate. */
function addons(hasNodes: boolean): readonly object[] {
  return [
    // It enforces network policies only when it is told to.
    addon('vpc-cni', { enableNetworkPolicy: 'true' }),
    hasNodes ? addon('coredns') : addon('coredns', { computeType: 'Fargate' }),
    addon('kube-proxy'),
    addon('metrics-server'),
    ...(hasNodes ? [addon('aws-secrets-store-csi-driver-provider', SECRETS_DRIVER)] : []),
  ]
}

function addon(name: string, configuration?: object): object {
  return {
    name,
    ...(configuration === undefined ? {} : { configurationValues: JSON.stringify(configuration) }),
  }
}

/** Roles that services assume (IRSA), and the load balancer controller's, whose chart is installed afterwards. */
function serviceAccounts(blueprint: ResolvedBlueprint, environment: ResolvedEnvironment): readonly object[] {
  const services = environment.services
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(service => serviceRole(blueprint, environment, service))
  return [
    {
      metadata: { name: 'aws-load-balancer-controller', namespace: 'kube-system' },
      wellKnownPolicies: { awsLoadBalancerController: true },
    },
    ...services,
  ]
}

/** Only the role: the service account itself is rendered with the service. A service without secrets needs no rights. */
function serviceRole(
  { project }: ResolvedBlueprint,
  environment: ResolvedEnvironment,
  { name: service, spec }: ResolvedService,
): readonly object[] {
  const { name, account, settings } = environment
  if (account === undefined || spec.secrets.length === 0) return []
  // Secrets Manager puts six characters of its own behind the name.
  const Resource = spec.secrets.map(
    secret =>
      `arn:aws:secretsmanager:${settings.region}:${account.id}:secret:${secretName(project, name, secret.name)}-??????`,
  )
  const Action = ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue']
  return [
    {
      metadata: { name: service, namespace: namespaceOf(environment) },
      roleName: taskRoleName({ project, environment: name, service }, 'task'),
      roleOnly: true,
      attachPolicy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] },
    },
  ]
}

/** People enter the cluster as the group that the rendered RoleBindings name. */
function accessEntries(blueprint: ResolvedBlueprint, environment: ResolvedEnvironment): readonly object[] {
  const { account } = environment
  if (account === undefined) return []
  return clusterAccess(blueprint, environment).map(({ roleName, group, policies }) => ({
    principalARN: `arn:aws:iam::${account.id}:role/${roleName}`,
    kubernetesGroups: [group],
    accessPolicies:
      policies.length === 0
        ? undefined
        : policies.map(policy => ({
            policyARN: `arn:aws:eks::aws:cluster-access-policy/${policy}`,
            accessScope: { type: 'cluster' },
          })),
  }))
}
