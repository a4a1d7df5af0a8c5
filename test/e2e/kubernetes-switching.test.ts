import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Traefik } from '../harness/cluster/traefik.ts'
import { startTraffic, type TrafficReport } from '../harness/cluster/traffic.ts'
import { type Cluster, needsCluster, startCluster } from '../harness/cluster.ts'
import { type KubernetesRig, SERVER_USER, startKubernetesRig } from '../harness/kubernetes-rig.ts'
import { type Switched, shareOf, switchAgain } from '../harness/kubernetes-switches.ts'

/** More for a long run: SWITCHES=20 ROLLBACKS=5. */
const SWITCHES = Number(process.env['SWITCHES'] ?? 6)
const ROLLBACKS = Number(process.env['ROLLBACKS'] ?? 2)
const SERVICES = ['app']
const STEPS = [20, 50, 100]
const RATE_PER_SECOND = 60
const LIMIT = { timeout: 1_500_000 }

describe.runIf(needsCluster())('users under load, on a real cluster', () => {
  let cluster: Cluster
  let traefik: Traefik
  beforeAll(async () => {
    cluster = await startCluster({ users: [SERVER_USER] })
    traefik = await cluster.startTraefik()
  }, 120_000)
  afterAll(() => cluster.stop())

  it.concurrent('lose no request through a Gateway, and are shared as the weights say', LIMIT, async () => {
    const { namespace, name } = traefik.gateway
    const rig = await startKubernetesRig({
      cluster,
      environment: 'gateway',
      kubernetes: `{ switch: gateway, gateway: ${namespace}/${name} }`,
      defaults: defaults(`steps: [${STEPS.join(', ')}], bake: 4s`),
      services: hostsOf('gateway'),
    })
    const { reports, switched } = await underLoad(rig, service => ({
      url: traefik.origin,
      host: hostOf('gateway', service),
    }))
    expect(failuresIn(reports)).toEqual([])
    expect(wrongShares(reports, switched)).toEqual([])
  })

  it.concurrent('lose no request through an Ingress that names one Service', LIMIT, async () => {
    const rig = await startKubernetesRig({
      cluster,
      environment: 'ingress',
      kubernetes: `{ switch: ingress, ingressClass: ${traefik.ingressClass} }`,
      defaults: defaults('steps: [100], bake: 0s'),
      services: hostsOf('ingress'),
    })
    const { reports } = await underLoad(rig, service => ({
      url: traefik.origin,
      host: hostOf('ingress', service),
    }))
    expect(failuresIn(reports)).toEqual([])
  })

  it.concurrent(
    'lose no request at a Service whose selector is patched, kept connections neither',
    LIMIT,
    async () => {
      const rig = await startKubernetesRig({
        cluster,
        environment: 'service',
        kubernetes: '{ switch: service, ingressClass: traefik }',
        defaults: defaults('steps: [100], bake: 0s'),
        services: hostsOf('service'),
      })
      const { reports, switched } = await underLoad(rig, async service => ({
        url: await rig.serviceUrl(service),
      }))
      expect(failuresIn(reports)).toEqual([])
      // Both times are told: new connections move at once, open ones when their instance was replaced.
      for (const { rollout } of switched)
        expect(rollout.history.map(({ reason }) => reason).join('\n')).toMatch(
          /new connections after .* s, open ones/,
        )
    },
  )
})

interface Address {
  readonly url: string
  readonly host?: string
}

async function underLoad(
  rig: KubernetesRig,
  addressOf: (service: string) => Address | Promise<Address>,
): Promise<{
  readonly reports: ReadonlyMap<string, readonly TrafficReport[]>
  readonly switched: readonly Switched[]
}> {
  try {
    await rig.serveAll(await rig.release({ version: 'one' }))
    const users = await Promise.all(
      SERVICES.map(async service => {
        const load = { ...(await addressOf(service)), ratePerSecond: RATE_PER_SECOND }
        const kinds = (['kept', 'fresh'] as const).map(connections => startTraffic({ ...load, connections }))
        return { service, kinds: await Promise.all(kinds) }
      }),
    )
    const switched = await switchAgain(rig, { switches: SWITCHES, rollbacks: ROLLBACKS })
    const reports = await Promise.all(
      users.map(
        async ({ service, kinds }) => [service, await Promise.all(kinds.map(each => each.stop()))] as const,
      ),
    )
    return { reports: new Map(reports), switched }
  } finally {
    await rig.end()
  }
}

const hostOf = (environment: string, service: string): string => `${service}.${environment}.example.com`

const hostsOf = (environment: string): Readonly<Record<string, string>> =>
  Object.fromEntries(SERVICES.map(service => [service, hostOf(environment, service)]))

const failuresIn = (reports: ReadonlyMap<string, readonly TrafficReport[]>) =>
  [...reports.values()].flat().flatMap(({ failures }) => failures)

/** Shares that are further from their weights than two percentage points. */
function wrongShares(
  reports: ReadonlyMap<string, readonly TrafficReport[]>,
  switched: readonly Switched[],
): readonly string[] {
  return switched
    .filter(({ kind }) => kind === 'switch')
    .flatMap(each =>
      STEPS.slice(0, -1).flatMap((percent, step) => {
        const share = shareOf(reports.get(each.rollout.service) ?? [], each, step)
        return Math.abs(share - percent) <= 2
          ? []
          : [`${each.rollout.id}: ${share} % instead of ${percent} %`]
      }),
    )
}

const defaults = (rollout: string): string =>
  `{ cpu: 16, memory: 32Mi, replicas: 2, grace: 5s, rollout: { ${rollout}, standby: 60s, analysis: { minimumRequests: 0, comparison: false } } }`
