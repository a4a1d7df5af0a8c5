import type { EnvironmentSettings } from '../../blueprint/layer-environment.ts'
import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import type { ServiceSettings } from '../../blueprint/service-settings.ts'
import { namespaceOf } from './environment-plan.ts'
import { environmentLabels, serviceLabels } from './labels.ts'
import { isAlb } from './route-plan.ts'

/** The network of one environment's services. */
export interface NetworkPlan {
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly services: readonly NetworkedService[]
  readonly doors: Doors
  /** Namespace of the Prometheus that measures the services, where it stands in the same cluster. */
  readonly prometheusNamespace: string | undefined
  /** Networks that the API server connects from: Sluice asks instances through it. */
  readonly apiServer: readonly string[]
  /** Undefined without a managed database. */
  readonly database: { readonly cidr: string; readonly port: number } | undefined
}

export interface NetworkedService {
  readonly name: string
  readonly port: number
  readonly open: boolean
  readonly calls: readonly string[]
  readonly egress: ServiceSettings['egress']
  readonly labels: Readonly<Record<string, string>>
}

/** Where requests of users come from: addresses of load balancers, or pods of an ingress controller in another namespace. */
export type Doors =
  | { readonly kind: 'addresses'; readonly cidrs: readonly string[] }
  | { readonly kind: 'pods' }

export function networkPlan(
  { project }: Pick<ResolvedBlueprint, 'project'>,
  environment: ResolvedEnvironment,
): NetworkPlan {
  const { settings, services } = environment
  const names = { project, environment: environment.name }
  const { database, network, monitoring } = settings
  return {
    namespace: namespaceOf(environment),
    labels: environmentLabels(names),
    services: services
      .map(({ name, spec, settings: { calls, egress, labels } }) => ({
        name,
        port: spec.port,
        open: spec.ingress.length > 0,
        calls,
        egress,
        labels: serviceLabels({ ...names, service: name }, labels),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    doors: doorsOf(settings),
    apiServer: settings.kubernetes.apiServer ?? [],
    prometheusNamespace: namespaceOfUrl(monitoring.prometheus),
    database: database === false ? undefined : { cidr: network.cidr, port: databasePort(database.engine) },
  }
}

/** Private networks (RFC 1918, RFC 6598): where load balancers have their addresses. */
const PRIVATE_NETWORKS = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16']

type Engine = Exclude<EnvironmentSettings['database'], false>['engine']

function databasePort(engine: Engine): number {
  return engine === 'postgres' || engine === 'aurora-postgresql' ? 5432 : 3306
}

/** A cluster that is rendered stands in the environment's own network; one that was there before may stand in any private one. */
function doorsOf({ kubernetes, network }: EnvironmentSettings): Doors {
  if (!isAlb(kubernetes)) return { kind: 'pods' }
  return { kind: 'addresses', cidrs: kubernetes.cluster === undefined ? PRIVATE_NETWORKS : [network.cidr] }
}

/** `prometheus.monitoring` and `prometheus.monitoring.svc…` are names of the cluster; any other stands outside of it. */
function namespaceOfUrl(url: string | undefined): string | undefined {
  const host = url === undefined ? '' : new URL(url).hostname
  return /^[a-z0-9-]+\.([a-z0-9-]+)(?:\.svc(?:\..+)?)?$/.exec(host)?.[1]
}
