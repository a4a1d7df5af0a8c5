import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Promotion } from '../../src/model/promotion.ts'
import type { ClusterServer } from '../harness/cluster/servers.ts'
import type { Traefik } from '../harness/cluster/traefik.ts'
import { type Cluster, needsCluster, startCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { inPhase, over, podsIn, weightsIn } from '../harness/kubernetes-hands.ts'
import { SERVER_USER } from '../harness/kubernetes-rig.ts'
import { troublesOf, underLoad } from '../harness/kubernetes-users.ts'

const LIMIT = { timeout: 600_000 }
const AWAY_MILLISECONDS = 5000
const ETCD_MILLISECONDS = 20_000
const KUBELET_MILLISECONDS = 15_000
/** Until every instance was asked again whether it is ready; of a machine with other load. */
const PROBED_MILLISECONDS = 30_000
const ON_BLUE = { blue: 100, green: 0 }
const ON_GREEN = { blue: 0, green: 100 }

describe.runIf(needsCluster())('users of a real cluster, under load', () => {
  let cluster: Cluster
  let traefik: Traefik
  beforeAll(async () => {
    cluster = await startCluster({ users: [SERVER_USER] })
    traefik = await cluster.startTraefik()
  }, 120_000)
  afterAll(() => cluster.stop())

  it(
    'are served while the cluster’s own servers are away, and every rollout ends as designed',
    LIMIT,
    async () => {
      const { apiServer, etcd, kubelet } = cluster.servers
      let kubeletAt = Number.NaN
      const seen = await underLoad({ cluster, traefik, environment: 'outages' }, async rig => {
        const id = rolloutOf(await rig.promote(await rig.release({ version: 'two' })))
        await inPhase(rig, id, 'provision')
        await restart(apiServer)
        await inPhase(rig, id, 'shift')
        await restart(apiServer)
        await inPhase(rig, id, 'standby')
        expect(await weightsIn(rig)).toEqual(ON_GREEN)

        await rig.api().post(`/rollouts/${id}/rollback`, { reason: 'a test goes back' })
        await restart(apiServer)
        expect((await over(rig, id)).state).toMatchObject({ outcome: 'rolled-back', automatic: false })
        expect(await weightsIn(rig)).toEqual(ON_BLUE)

        await kubelet.kill()
        const next = rolloutOf(await rig.promote(await rig.release({ version: 'three' })))
        await eventually('green is asked for', async () => (await podsIn(rig, 'green')).length === 2, 120)
        await pause(KUBELET_MILLISECONDS)
        expect((await rig.rollout(next)).state.phase).toBe('provision')
        expect(await weightsIn(rig)).toEqual(ON_BLUE)
        kubeletAt = Date.now()
        await kubelet.start()

        await inPhase(rig, next, 'shift')
        etcd.pause()
        await pause(ETCD_MILLISECONDS)
        etcd.resume()
        await inPhase(rig, next, 'standby')
        expect(await weightsIn(rig)).toEqual(ON_GREEN)
        expect(await rig.api().get('/audit/verify')).toEqual({ events: expect.any(Number) })
      })
      // A kubelet that has just started takes nobody for ready whom it has not asked itself; proxies know that.
      const unready = (at: number) => at >= kubeletAt && at <= kubeletAt + PROBED_MILLISECONDS
      expect(troublesOf(seen, { unready })).toEqual([])
    },
  )
})

const rolloutOf = ({ id }: Promotion): string => `${id}.app`

async function restart(server: ClusterServer): Promise<void> {
  await server.kill()
  await pause(AWAY_MILLISECONDS)
  await server.start()
}
