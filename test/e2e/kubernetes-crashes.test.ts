import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Promotion } from '../../src/model/promotion.ts'
import type { Traefik } from '../harness/cluster/traefik.ts'
import { type Cluster, needsCluster, startCluster } from '../harness/cluster.ts'
import { seededRandom } from '../harness/e2e-random.ts'
import { over, weightsIn } from '../harness/kubernetes-hands.ts'
import { type KubernetesRig, SERVER_USER } from '../harness/kubernetes-rig.ts'
import { troublesOf, underLoad } from '../harness/kubernetes-users.ts'

const LIMIT = { timeout: 600_000 }
const KILLS = 20
/** Between a start of the server and its end. */
const LONGEST_LIFE_MILLISECONDS = 4000
const KINDS = ['good', 'broken', 'taken back'] as const
const ROLLOUT = 'steps: [20, 50, 100], bake: 1s, standby: 10m'
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
    `are served through ${KILLS} kills of Sluice’s server, and every rollout ends as it would have`,
    LIMIT,
    async () => {
      const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
      console.log(`SEED=${seed}`)
      const random = seededRandom(seed)
      const work = async (rig: KubernetesRig) => {
        let kills = 0
        for (let number = 1; kills < KILLS; number += 1) {
          const kind = KINDS[number % KINDS.length] ?? 'good'
          kills += await crashThrough(rig, { version: `v${number}`, kind, atMost: KILLS - kills, random })
        }
        expect(await rig.api().get('/audit/verify')).toEqual({ events: expect.any(Number) })
      }
      const seen = await underLoad({ cluster, traefik, environment: 'crashes', rollout: ROLLOUT }, work)
      expect(troublesOf(seen)).toEqual([])
    },
  )
})

/** One rollout from its promotion to its end, with the server killed again and again; how often it was. */
async function crashThrough(
  rig: KubernetesRig,
  o: {
    readonly version: string
    readonly kind: (typeof KINDS)[number]
    readonly atMost: number
    readonly random: () => number
  },
): Promise<number> {
  const { version, kind, random } = o
  const release = await rig.release({ version, ...(kind === 'broken' ? { broken: 'exits' as const } : {}) })
  const promotion = await rig.promote(release)
  let kills = 0
  for (; kills < o.atMost && !(await hasEnded(rig, promotion)); kills += 1) await crashOnce(rig, random)
  const rollout = await rig.ended(promotion)
  const { from, to, state } = rollout
  if (kind === 'broken') {
    expect(state).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('the database is not there'),
    })
    expect(await weightsIn(rig)).toEqual(from?.color === 'blue' ? ON_BLUE : ON_GREEN)
    return kills
  }
  expect(state.phase).toBe('standby')
  expect(await weightsIn(rig)).toEqual(to.color === 'blue' ? ON_BLUE : ON_GREEN)
  if (kind === 'good') return kills
  await rig.api().post(`/rollouts/${rollout.id}/rollback`, { reason: 'a test goes back' })
  await crashOnce(rig, () => random() / 4)
  expect((await over(rig, rollout.id)).state).toMatchObject({ outcome: 'rolled-back', automatic: false })
  expect(await weightsIn(rig)).toEqual(from?.color === 'blue' ? ON_BLUE : ON_GREEN)
  return kills + 1
}

async function hasEnded(rig: KubernetesRig, { id }: Promotion): Promise<boolean> {
  const { state } = await rig.api().get<Promotion>(`/promotions/${id}`)
  return state.phase === 'done'
}

async function crashOnce(rig: KubernetesRig, random: () => number): Promise<void> {
  // Squared: much happens at once after a start, and little while a step is watched.
  await pause(random() ** 2 * LONGEST_LIFE_MILLISECONDS)
  await rig.killServer()
  await rig.startServer()
}
