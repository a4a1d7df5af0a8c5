import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Traefik } from '../harness/cluster/traefik.ts'
import { startTraffic, type TrafficReport } from '../harness/cluster/traffic.ts'
import { type Cluster, needsCluster, startCluster } from '../harness/cluster.ts'
import { type KubernetesRig, SERVER_USER, startKubernetesRig } from '../harness/kubernetes-rig.ts'
import { type Switched, shareOf, switchAgain } from '../harness/kubernetes-switches.ts'

const SWITCHES = 2
const ROLLBACKS = 1
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
      rule: 'gateway.example.com',
    })
    const { reports, switched } = await underLoad(rig, { url: traefik.origin, host: 'gateway.example.com' })
    for (const report of reports) expect(report.failures).toEqual([])
    expect(wrongShares(reports, switched)).toEqual([])
  })

  it.concurrent('lose no request through an Ingress that names one Service', LIMIT, async () => {
    const rig = await startKubernetesRig({
      cluster,
      environment: 'ingress',
      kubernetes: `{ switch: ingress, ingressClass: ${traefik.ingressClass} }`,
      defaults: defaults('steps: [100], bake: 0s'),
      rule: 'ingress.example.com',
    })
    const { reports } = await underLoad(rig, { url: traefik.origin, host: 'ingress.example.com' })
    for (const report of reports) expect(report.failures).toEqual([])
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
        rule: 'service.example.com',
      })
      const { reports, switched } = await underLoad(rig)
      for (const report of reports) expect(report.failures).toEqual([])
      // Both times are told: new connections move at once, open ones when their instance was replaced.
      for (const { rollout } of switched)
        expect(rollout.history.map(({ reason }) => reason).join('\n')).toMatch(
          /new connections after .* s, open ones/,
        )
    },
  )
})

async function underLoad(
  rig: KubernetesRig,
  target?: { readonly url: string; readonly host: string },
): Promise<{ readonly reports: readonly TrafficReport[]; readonly switched: readonly Switched[] }> {
  try {
    await rig.serve(await rig.release({ version: 'one' }))
    const load = { ...(target ?? { url: await rig.serviceUrl() }), ratePerSecond: RATE_PER_SECOND }
    const users = [
      await startTraffic({ ...load, connections: 'kept' }),
      await startTraffic({ ...load, connections: 'fresh' }),
    ]
    const switched = await switchAgain(rig, { switches: SWITCHES, rollbacks: ROLLBACKS })
    return { reports: await Promise.all(users.map(each => each.stop())), switched }
  } finally {
    await rig.end()
  }
}

/** Shares that are further from their weights than two percentage points. */
function wrongShares(reports: readonly TrafficReport[], switched: readonly Switched[]): readonly string[] {
  return switched
    .filter(({ kind }) => kind === 'switch')
    .flatMap(each =>
      STEPS.slice(0, -1).flatMap((percent, step) => {
        const share = shareOf(reports, each, step)
        return Math.abs(share - percent) <= 2
          ? []
          : [`${each.rollout.id}: ${share} % instead of ${percent} %`]
      }),
    )
}

const defaults = (rollout: string): string =>
  `{ cpu: 16, memory: 32Mi, replicas: 2, grace: 5s, rollout: { ${rollout}, standby: 60s, analysis: { minimumRequests: 0, comparison: false } } }`
