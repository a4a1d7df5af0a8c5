import { overlaps, parseCidr } from '../../blueprint/cidr.ts'
import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import type { HclMap, HclValue } from './hcl-text.ts'

/** Short names of the endpoints that a target's services and instances need to do without the internet. */
const ENDPOINTS = {
  ecs: ['ecr.api', 'ecr.dkr', 'logs', 'secretsmanager'],
  ec2: ['ec2messages', 'ecr.api', 'ecr.dkr', 'logs', 'secretsmanager', 'ssm', 'ssmmessages'],
  kubernetes: [
    'autoscaling',
    'ec2',
    'ecr.api',
    'ecr.dkr',
    'eks',
    'eks-auth',
    'elasticloadbalancing',
    'logs',
    'secretsmanager',
    'sts',
  ],
  local: [],
} as const

/** The environment's own network; null for a cluster that stands elsewhere already and needs nothing beside it. */
export function networkVariables({ settings, services }: ResolvedEnvironment): HclValue {
  const { target, network, kubernetes, database } = settings
  if (target === 'kubernetes' && kubernetes.cluster === undefined && database === false) return null
  return {
    vpc_cidr: network.cidr,
    zone_count: network.zones,
    nat: network.nat,
    flow_logs: network.flowLogs,
    interface_endpoints: network.endpoints ? ENDPOINTS[target] : [],
    service_egress: egressOf(services),
  }
}

/**
 * What services may connect to, by network: they share a security group, which has each rule once. AWS and image
 * registries are reached always.
 */
function egressOf(services: ResolvedEnvironment['services']): HclMap {
  const ports = new Map([['0.0.0.0/0', new Set([443])]])
  for (const { to, ports: wanted } of services.flatMap(({ settings }) => settings.egress)) {
    const known = ports.get(to) ?? new Set<number>()
    ports.set(to, known.union(new Set(wanted)))
  }
  return Object.fromEntries(
    [...ports].map(([cidr, each]) => [cidr, { cidr, ports: [...each].toSorted((a, b) => a - b) }]),
  )
}

/**
 * A network for the copy of the environment's database in another region: the next 10.x.0.0/16 that meets no other
 * network of the project, so that all of them can be connected.
 */
export function replicaCidr({ environments }: ResolvedBlueprint, environment: string): string {
  const taken = environments.map(({ settings }) => settings.network.cidr)
  for (const { name, settings } of environments) {
    if (settings.database === false || settings.database.replicaRegion === undefined) continue
    const cidr = firstFree(taken, Number(settings.network.cidr.split('.')[1]))
    if (name === environment) return cidr
    taken.push(cidr)
  }
  throw new Error(`${environment} has no database with a replica`)
}

function firstFree(taken: readonly string[], after: number): string {
  const networks = taken.flatMap(text => parseCidr(text) ?? [])
  const candidates = Array.from({ length: 255 }, (_, step) => `10.${(after + 1 + step) % 256}.0.0/16`)
  const free = candidates.find(text => {
    const candidate = parseCidr(text)
    return candidate !== undefined && !networks.some(network => overlaps(network, candidate))
  })
  // A project that fills 10.0.0.0/8 has its copies in a network that is connected to none of it.
  return free ?? '172.16.0.0/16'
}
