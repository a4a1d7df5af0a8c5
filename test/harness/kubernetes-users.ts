import { setTimeout as pause } from 'node:timers/promises'
import type { Rollout } from '../../src/model/rollout.ts'
import { slotName } from '../../src/render/names.ts'
import { KINDS } from '../../src/targets/kubernetes/api/cluster-object.ts'
import type { EndpointSlice } from '../../src/targets/kubernetes/live-objects.ts'
import type { HttpRoute } from '../../src/targets/kubernetes/switching/live-routes.ts'
import type { Traefik } from './cluster/traefik.ts'
import { startTraffic, type TrafficReport } from './cluster/traffic.ts'
import type { Cluster } from './cluster.ts'
import { eventually } from './eventually.ts'
import { clusterOf } from './kubernetes-client.ts'
import { type KubernetesRig, startKubernetesRig } from './kubernetes-rig.ts'

export interface UsersOptions {
  readonly cluster: Cluster
  readonly traefik: Traefik
  readonly environment: string
  /** YAML of the blueprint's `rollout` without its braces. */
  readonly rollout?: string
  readonly ratePerSecond?: number
}

/** What users went through, and what was wrong about where they were sent. */
export interface Served {
  readonly report: TrafficReport
  /** Each time that weights did not sum to 100, or that a color had users and no instance that was ready. */
  readonly violations: readonly string[]
  /** How often that was looked at. */
  readonly looks: number
}

/**
 * Users at a steady rate through the Gateway, on two instances of version `one`, while `work` goes on in an environment of
 * their own.
 */
export async function underLoad(
  options: UsersOptions,
  work: (rig: KubernetesRig) => Promise<void>,
): Promise<Served> {
  const { cluster, traefik, environment, rollout = ROLLOUT, ratePerSecond = 100 } = options
  const { namespace, name } = traefik.gateway
  const host = `${environment}.example.com`
  const started = await startKubernetesRig({
    cluster,
    environment,
    kubernetes: `{ switch: gateway, gateway: ${namespace}/${name} }`,
    defaults: `{ replicas: 2, cpu: 32, limits: { cpu: 1024 }, grace: 5s, rollout: { ${rollout}, ${ANALYSIS} } }`,
    rule: host,
  })
  // Of its own: nobody else pushes there while it is read.
  const rig: KubernetesRig = {
    ...started,
    release: image => started.release({ repository: environment, ...image }),
  }
  try {
    await rig.serve(await rig.release({ version: 'one' }))
    const watch = await watchUsers(cluster, rig.namespace)
    const users = await startTraffic({ url: traefik.origin, host, ratePerSecond, connections: 'kept' })
    try {
      await work(rig)
    } catch (error) {
      const lines = (await rig.log())
        .trimEnd()
        .split('\n')
        .filter(line => !line.includes('"msg":"request"'))
        .slice(-LOG_LINES_SHOWN)
      throw new Error(`the server said last:\n${lines.join('\n')}`, { cause: error })
    } finally {
      await Promise.all([watch.stop(), users.stop()])
    }
    return { report: await users.stop(), violations: watch.violations, looks: watch.looks() }
  } finally {
    await rig.end()
  }
}

const ROLLOUT = 'steps: [50, 100], bake: 2s, standby: 10m'
const ANALYSIS = 'analysis: { minimumRequests: 0, comparison: false }'
const LOOK_MILLISECONDS = 250
const LOG_LINES_SHOWN = 30
const PATIENCE_SECONDS = 120

interface UsersWatch {
  readonly violations: readonly string[]
  looks(): number
  stop(): Promise<void>
}

/** Looks at the cluster itself, again and again: what Sluice says of it is another matter. */
async function watchUsers(kubernetes: Cluster, namespace: string): Promise<UsersWatch> {
  const cluster = await clusterOf({ kubernetes, namespace })
  const ending = new AbortController()
  const violations: string[] = []
  let looks = 0
  const look = async (): Promise<void> => {
    const { signal } = ending
    const routes: readonly HttpRoute[] = await cluster.list(KINDS.httpRoute, {}, signal)
    const slices = (await cluster.list(KINDS.endpointSlice, {}, signal)) as readonly EndpointSlice[]
    const found = routes.flatMap(route => violationsIn(route, slices))
    violations.push(...found.map(each => `${new Date().toISOString()}: ${each}`))
    looks += 1
  }
  const going = (async () => {
    while (!ending.signal.aborted) {
      // The API server is away at times.
      await look().catch(() => undefined)
      await pause(LOOK_MILLISECONDS, undefined, { signal: ending.signal }).catch(() => undefined)
    }
  })()
  return {
    violations,
    looks: () => looks,
    async stop() {
      ending.abort()
      await going
      await cluster.close()
    },
  }
}

function violationsIn({ spec }: HttpRoute, slices: readonly EndpointSlice[]): readonly string[] {
  return (spec?.rules ?? []).flatMap(({ backendRefs = [] }) => {
    const sum = backendRefs.reduce((total, { weight = 1 }) => total + weight, 0)
    const empty = backendRefs
      .filter(({ weight = 1 }) => weight > 0)
      .filter(({ name }) => !slices.some(slice => isReady(slice, name)))
    return [
      ...(sum === 100 ? [] : [`the weights sum to ${sum}`]),
      ...empty.map(({ name, weight }) => `${weight} % of users are sent to ${name}, where nobody is ready`),
    ]
  })
}

const isReady = ({ metadata, endpoints }: EndpointSlice, service: string): boolean =>
  metadata.labels?.['kubernetes.io/service-name'] === service &&
  (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false)

/** Names of the pods of a color that are not to end. */
export async function podsOf(rig: KubernetesRig, color: 'blue' | 'green'): Promise<readonly string[]> {
  const template = '{range .items[*]}{.metadata.deletionTimestamp}{.metadata.name}{"\\n"}{end}'
  const names = await rig.kubectl('get', 'pods', '--output', `jsonpath=${template}`)
  return names.split('\n').filter(name => name.startsWith(`${slotName('app', color)}-`))
}

/** Resolves once the rollout is there; fails where it ended before. */
export async function phase(
  rig: KubernetesRig,
  id: string,
  wanted: Rollout['state']['phase'],
): Promise<Rollout> {
  const seen = await eventually(
    `${id} is in ${wanted}`,
    async () => {
      const rollout = await rig.rollout(id)
      return [wanted, 'withdraw', 'done'].includes(rollout.state.phase) && rollout
    },
    PATIENCE_SECONDS,
  )
  if (seen.state.phase !== wanted) throw new Error(`${id} is over: ${JSON.stringify(seen.state)}`)
  return seen
}
