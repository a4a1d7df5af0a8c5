import { setTimeout as pause } from 'node:timers/promises'
import { KINDS } from '../../src/targets/kubernetes/api/cluster-object.ts'
import type { EndpointSlice } from '../../src/targets/kubernetes/live-objects.ts'
import type { HttpRoute } from '../../src/targets/kubernetes/switching/live-routes.ts'
import type { Traefik } from './cluster/traefik.ts'
import { startTraffic, type TrafficReport } from './cluster/traffic.ts'
import type { Cluster } from './cluster.ts'
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

export interface Violation {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly what: string
}

export interface Served {
  readonly report: TrafficReport
  /** Each time that somebody looked and weights did not sum to 100, or a color had users and nobody who was ready. */
  readonly violations: readonly Violation[]
  /** How often that was. */
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
    services: { app: host },
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
    const report = await users.stop()
    return { report, violations: watch.violations, looks: watch.looks() }
  } finally {
    await rig.end()
  }
}

const ROLLOUT = 'steps: [50, 100], bake: 2s, standby: 10m'
const ANALYSIS = 'analysis: { minimumRequests: 0, comparison: false }'
const LOOK_MILLISECONDS = 250
const LOG_LINES_SHOWN = 30

interface UsersWatch {
  readonly violations: readonly Violation[]
  looks(): number
  stop(): Promise<void>
}

/** Looks at the cluster itself, again and again: what Sluice says of it is another matter. */
async function watchUsers(kubernetes: Cluster, namespace: string): Promise<UsersWatch> {
  const cluster = await clusterOf({ kubernetes, namespace })
  const ending = new AbortController()
  const violations: Violation[] = []
  let looks = 0
  const look = async (): Promise<void> => {
    const { signal } = ending
    const routes: readonly HttpRoute[] = await cluster.list(KINDS.httpRoute, {}, signal)
    const slices = (await cluster.list(KINDS.endpointSlice, {}, signal)) as readonly EndpointSlice[]
    const found = routes.flatMap(route => violationsIn(route, slices))
    violations.push(...found.map(what => ({ at: Date.now(), what })))
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

/** Moments (milliseconds since 1970) of something that nobody who releases could have kept from users. */
export interface Excuses {
  /** Of requests that failed. */
  readonly lost?: (at: number) => boolean
  /** Of colors without anybody who was ready. */
  readonly unready?: (at: number) => boolean
}

/**
 * All that was worse for users than it should be, in words: by what was wrong how often, and from when to when in seconds
 * since the first request.
 */
export function troublesOf(
  { report, violations, looks }: Served,
  { lost = () => false, unready = () => false }: Excuses = {},
): readonly string[] {
  const began = report.seconds[0]?.at ?? 0
  const failures = report.failures.map(({ at, reason }) => ({ at, what: reason.trim() }))
  const wrong = [...failures.filter(({ at }) => !lost(at)), ...violations.filter(({ at }) => !unready(at))]
  const told = [...Map.groupBy(wrong, ({ what }) => what)].map(([what, each]) => {
    const times = each.map(({ at }) => ((at - began) / 1000).toFixed(1))
    return `${each.length} times ${what}, from ${times[0]} s to ${times.at(-1)} s`
  })
  return [...told, ...(looks === 0 ? ['nobody looked at the cluster'] : [])]
}
