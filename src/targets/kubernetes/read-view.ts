import type { Color } from '../../model/color.ts'
import { COLORS } from '../../model/color.ts'
import { COLOR_LABEL, selectorOf } from '../../render/kubernetes/labels.ts'
import { slotName } from '../../render/names.ts'
import { RequestRefused } from './api/cluster.ts'
import { type ClusterObject, KINDS, type ObjectKind } from './api/cluster-object.ts'
import { ledgerName, readLedger } from './ledger-object.ts'
import type { ServiceView } from './service-view.ts'
import type { TargetParts } from './target-parts.ts'

/** While the watch is alive nothing is asked for; behind a silent one the view is never older than this. */
const STALE_MILLISECONDS = 10_000

/** All kinds that a view is made of. */
export function viewedKinds({ environment }: Pick<TargetParts, 'environment'>) {
  const route: ObjectKind = environment.route.switch === 'gateway' ? KINDS.httpRoute : KINDS.ingress
  const { deployment, replicaSet, pod, service, endpointSlice, autoscaler, configMap } = KINDS
  return { deployment, replicaSet, pod, service, endpointSlice, route, autoscaler, configMap }
}

/** What the watches have told. */
export async function readWatched(
  parts: TargetParts,
  service: string,
  signal: AbortSignal,
): Promise<ServiceView> {
  return await readView(parts, service, async kind => {
    const map = await parts.cluster.watched(kind).current({ staleMilliseconds: STALE_MILLISECONDS, signal })
    return [...map.values()]
  })
}

/** Asks the API server for everything: for acts that move users or stop instances. */
export async function readFresh(
  parts: TargetParts,
  service: string,
  signal: AbortSignal,
): Promise<ServiceView> {
  return await readView(parts, service, asking(parts, service, signal))
}

/** What can be read, and what the API server has for good against the rest. */
export async function readAllowed(
  parts: TargetParts,
  service: string,
  signal: AbortSignal,
): Promise<{ readonly view: ServiceView; readonly refused: readonly RequestRefused[] }> {
  const refused: RequestRefused[] = []
  const ask = asking(parts, service, signal)
  const view = await readView(parts, service, async (kind, name) => {
    try {
      return await ask(kind, name)
    } catch (error) {
      if (!(error instanceof RequestRefused && error.isFinal)) throw error
      refused.push(error)
      return []
    }
  })
  return { view, refused }
}

const asking =
  ({ cluster }: TargetParts, service: string, signal: AbortSignal): Read =>
  async (kind, name) => {
    if (name === undefined) return await cluster.list(kind, { labels: selectorOf(service) }, signal)
    const found = await cluster.get(kind, name, signal)
    return found === undefined ? [] : [found]
  }

/** All of a kind that may belong to the service; the one of that name where a name is given. */
type Read = (kind: ObjectKind, name?: string) => Promise<readonly ClusterObject[]>

async function readView(parts: TargetParts, service: string, read: Read): Promise<ServiceView> {
  const kinds = viewedKinds(parts)
  const [deployments, replicaSets, pods, services, endpoints, routes, autoscalers, ledgers] =
    await Promise.all([
      read(kinds.deployment),
      read(kinds.replicaSet),
      read(kinds.pod),
      read(kinds.service),
      read(kinds.endpointSlice),
      read(kinds.route),
      read(kinds.autoscaler, service),
      read(kinds.configMap, ledgerName(service)),
    ])
  const isOwn = belongsTo(service)
  const ledger = ledgers.find(({ metadata }) => metadata.name === ledgerName(service))
  return {
    environment: parts.environment,
    service,
    ledger: ledger === undefined ? undefined : readLedger(ledger),
    deployments: deploymentsOf(service, deployments),
    replicaSets: replicaSets.filter(each => isOwn(each) && colorOf(each) !== undefined),
    pods: pods.filter(each => isOwn(each) && colorOf(each) !== undefined),
    services: new Map(services.filter(isOwn).map(each => [each.metadata.name, each])),
    endpoints: Map.groupBy(endpoints.filter(isOwn), each => each.metadata.labels?.[SERVICE_NAME] ?? ''),
    routes: routes.filter(isOwn),
    autoscaler: autoscalers.find(({ metadata }) => metadata.name === service),
  }
}

/** Of an EndpointSlice (Kubernetes, "Ownership"). */
const SERVICE_NAME = 'kubernetes.io/service-name'

function belongsTo(service: string): (object: ClusterObject) => boolean {
  const wanted = Object.entries(selectorOf(service))
  return ({ metadata: { labels = {} } }) => wanted.every(([name, value]) => labels[name] === value)
}

function deploymentsOf(service: string, all: readonly ClusterObject[]): ServiceView['deployments'] {
  const found = COLORS.flatMap(color => {
    const deployment = all.find(({ metadata }) => metadata.name === slotName(service, color))
    return deployment === undefined ? [] : [[color, deployment] as const]
  })
  return Object.fromEntries(found)
}

export function colorOf({ metadata }: ClusterObject): Color | undefined {
  return COLORS.find(color => metadata.labels?.[COLOR_LABEL] === color)
}

/** The service that an object belongs to; undefined where it is none of ours. */
export function serviceOf({ metadata }: ClusterObject): string | undefined {
  const [label = ''] = Object.keys(selectorOf(''))
  return metadata.labels?.[label]
}
