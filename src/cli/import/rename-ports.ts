import { isRecord, valueAt } from '../../blueprint/plain-data.ts'
import { canonicalJson } from '../../model/digest.ts'
import { UserError } from '../../model/user-error.ts'
import type { Cluster } from '../../targets/kubernetes/api/cluster.ts'
import { type ClusterObject, KINDS } from '../../targets/kubernetes/api/cluster-object.ts'
import { pause, systemTiming } from '../../targets/kubernetes/api/timing.ts'
import type { ImportedService } from './imported-service.ts'
import { preparedPorts, type ServicePort } from './service-ports.ts'

type Writer = Pick<Cluster, 'get' | 'list' | 'apply' | 'patch' | 'remove'>

const SERVICE_LABEL = 'kubernetes.io/service-name'
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const BRIDGE = 'sluice-import'

/** Proxies of all nodes and controllers of Ingresses have read a change by then (kube-proxy: a second by default). */
const SETTLE_MILLISECONDS = 3000
const LOOK_MILLISECONDS = 200
const PATIENCE_MILLISECONDS = 60_000

/**
 * Gives the ports of a Service the names that Sluice needs, without a lost connection. A port and the endpoints behind it
 * find each other by its name, and the endpoints get the new one some milliseconds later: seen, 50 ms of refused
 * connections. So the same endpoints are there under the new names before, in EndpointSlices that go afterwards.
 */
export async function renamePorts(
  cluster: Writer,
  { service, deployment }: ImportedService,
  signal: AbortSignal,
): Promise<boolean> {
  if (service === undefined) return false
  const { name } = service.metadata
  const ports = preparedPorts(service, deployment)
  const isAsWanted = canonicalJson(ports) === canonicalJson(service.spec.ports)
  if (!isAsWanted) {
    await bridge(cluster, { name, renamed: newNames(service.spec.ports, ports) }, signal)
    await cluster.patch({ kind: KINDS.service, name }, { spec: { ports } }, { signal })
  }
  // Also those of an earlier attempt that was interrupted.
  await endBridge(cluster, { name, names: ports.map(port => port.name ?? '') }, signal)
  return !isAsWanted
}

/** By the name of before, which is empty for a port without one. */
const newNames = (
  before: readonly ServicePort[],
  after: readonly ServicePort[],
): ReadonlyMap<string, string> =>
  new Map(before.map(({ name = '' }, index) => [name, after[index]?.name ?? '']))

async function bridge(
  cluster: Writer,
  { name, renamed }: { readonly name: string; readonly renamed: ReadonlyMap<string, string> },
  signal: AbortSignal,
): Promise<void> {
  const slices = (await slicesOf(cluster, name, signal)).filter(each => !isBridge(each))
  for (const [index, slice] of slices.entries()) {
    const labels = { [SERVICE_LABEL]: name, [MANAGED_BY]: BRIDGE }
    await cluster.apply(
      {
        apiVersion: KINDS.endpointSlice.apiVersion,
        kind: KINDS.endpointSlice.kind,
        metadata: { name: `${name}-${BRIDGE}-${index + 1}`, labels },
        addressType: slice['addressType'],
        endpoints: slice['endpoints'] ?? [],
        ports: listOf(slice['ports']).map(port =>
          isRecord(port) ? { ...port, name: renamed.get(nameIn(port)) ?? nameIn(port) } : port,
        ),
      },
      { signal },
    )
  }
  if (slices.length > 0) await pause(systemTiming, SETTLE_MILLISECONDS, signal)
}

async function endBridge(
  cluster: Writer,
  { name, names }: { readonly name: string; readonly names: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const bridges = (await slicesOf(cluster, name, signal)).filter(isBridge)
  if (bridges.length === 0) return
  await untilNamed(cluster, { name, names }, signal)
  await pause(systemTiming, SETTLE_MILLISECONDS, signal)
  for (const { metadata } of bridges) {
    await cluster.remove({ kind: KINDS.endpointSlice, name: metadata.name }, { signal, uid: metadata.uid })
  }
}

/** The cluster's own EndpointSlices have the new names. */
async function untilNamed(
  cluster: Writer,
  { name, names }: { readonly name: string; readonly names: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const deadline = systemTiming.now() + PATIENCE_MILLISECONDS
  while (!signal.aborted) {
    const own = (await slicesOf(cluster, name, signal)).filter(each => !isBridge(each))
    const ports = own.flatMap(each => listOf(each['ports']))
    if (ports.every(port => names.includes(nameIn(port)))) return
    if (systemTiming.now() > deadline) {
      throw new UserError(
        `Service ${name}`,
        'its EndpointSlices did not get the new names of its ports within a minute',
        'its users are served by EndpointSlices of the import meanwhile; see whether kube-controller-manager runs, and ask again',
      )
    }
    await pause(systemTiming, LOOK_MILLISECONDS, signal)
  }
}

const slicesOf = (cluster: Writer, name: string, signal: AbortSignal): Promise<readonly ClusterObject[]> =>
  cluster.list(KINDS.endpointSlice, { labels: { [SERVICE_LABEL]: name } }, signal)

const isBridge = ({ metadata }: ClusterObject): boolean => metadata.labels?.[MANAGED_BY] === BRIDGE
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Of a port; the API leaves out an empty name. */
function nameIn(port: unknown): string {
  const name = valueAt(port, ['name'])
  return typeof name === 'string' ? name : ''
}
