import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Status } from '../../src/engine/control-plane.ts'
import type { Promotion } from '../../src/model/promotion.ts'
import type { Rollout } from '../../src/model/rollout.ts'
import { type RecordedLoad, startRecordedLoad } from '../harness/e2e-load.ts'
import { seededRandom } from '../harness/e2e-random.ts'
import { type E2eRig, startRig } from '../harness/e2e-rig.ts'
import { eventually } from '../harness/eventually.ts'

const KILLS = 30
/** Between a start of the control plane and its end: rollouts here take about four seconds. */
const LONGEST_LIFE_MILLISECONDS = 900
const KINDS = ['good', 'broken', 'taken back'] as const

let rig: E2eRig
let users: RecordedLoad | undefined
beforeEach(async () => {
  rig = await startRig({ rollout: { steps: [20, 50, 100], bakeSeconds: 1, minimumRequests: 5 } })
})
afterEach(async () => {
  await users?.stop()
  await rig.end()
})

it('serves users and ends every rollout as it would have, through 30 kills of the control plane', {
  timeout: 240_000,
}, async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
  console.log(`SEED=${seed}`)
  const random = seededRandom(seed)
  await rig.promoteAndWait(await rig.release('0'))
  users = startRecordedLoad(rig.origin, { requestsPerSecond: 150 })
  let kills = 0
  for (let number = 1; kills < KILLS; number += 1) {
    const kind = KINDS[number % KINDS.length] ?? 'good'
    kills += await crashThrough({ version: String(number), kind, atMost: KILLS - kills, random, users })
  }
  const totals = await users.stop()
  expect(users.failures.filter(({ excused }) => !excused)).toEqual([])
  expect(users.answers).toHaveLength(totals.requests)
  expect(await rig.api().get('/audit/verify')).toEqual({ events: expect.any(Number) })
})

/** One rollout from its promotion to its end, with the control plane killed again and again; how often it was. */
async function crashThrough(o: {
  readonly version: string
  readonly kind: (typeof KINDS)[number]
  readonly atMost: number
  readonly random: () => number
  readonly users: RecordedLoad
}): Promise<number> {
  const release = await rig.release(o.version, o.kind === 'broken' ? 'broken' : 'good')
  if (o.kind === 'broken') o.users.load.expectBroken(release)
  const promotion = await rig.promote(release)
  let kills = 0
  for (; kills < o.atMost && !(await hasEnded(promotion)); kills += 1) await crashOnce(o.random)
  const end = await rig.ended(promotion)
  expect(end.promotion.state).toMatchObject({ outcome: o.kind === 'broken' ? 'rolled-back' : 'succeeded' })
  if (o.kind === 'taken back') {
    await takeBack(end.rollout.id, o.random)
    kills += 1
  }
  const { from, to } = end.rollout
  await expectAllUsersOn(o.kind === 'good' ? to.color : from?.color)
  return kills
}

async function takeBack(rollout: string, random: () => number): Promise<void> {
  await rig.api().post(`/rollouts/${rollout}/rollback`, { reason: 'a test goes back' })
  await crashOnce(random, 30)
  const { state } = await eventually<Rollout>(`${rollout} is taken back`, async () => {
    const seen = await rig.rollout(rollout)
    return seen.state.phase === 'done' && seen
  })
  expect(state).toMatchObject({ outcome: 'rolled-back', automatic: false })
}

async function hasEnded({ id }: Promotion): Promise<boolean> {
  const { state } = await rig.api().get<Promotion>(`/promotions/${id}`)
  return state.phase === 'done'
}

async function crashOnce(random: () => number, longest = LONGEST_LIFE_MILLISECONDS): Promise<void> {
  // Squared: much happens at once after a start, and little while a step is watched.
  await pause(random() ** 2 * longest)
  await rig.killServer()
  await rig.startServer()
}

async function expectAllUsersOn(color: 'blue' | 'green' | undefined): Promise<void> {
  const { environments } = await rig.api().get<Status>('/status')
  const weights = color === 'blue' ? { blue: 100, green: 0 } : { blue: 0, green: 100 }
  expect(environments[0]?.services[0]?.weights).toEqual(weights)
}
