import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Status } from '../../src/engine/control-plane.ts'
import type { Color } from '../../src/model/color.ts'
import { clock, type RecordedLoad, startRecordedLoad } from '../harness/e2e-load.ts'
import { type E2eRig, startRig } from '../harness/e2e-rig.ts'
import { eventually } from '../harness/eventually.ts'

const CONNECTIONS = 16
const KILLS = 4

let rig: E2eRig
let users: RecordedLoad | undefined
beforeEach(async () => {
  rig = await startRig({ replicas: 2 })
})
afterEach(async () => {
  await users?.stop()
  await rig.end()
})

it('replaces an instance that was killed, and loses at most the requests that it was answering', {
  timeout: 120_000,
}, async () => {
  const { to } = await rig.promoteAndWait(await rig.release('1'))
  users = startRecordedLoad(rig.origin, { connections: CONNECTIONS, requestsPerSecond: 300 })
  for (let kill = 0; kill < KILLS; kill += 1) {
    const lostBefore = users.failures.length
    const [victim = 0] = await instances()
    process.kill(victim, 'SIGKILL')
    // What the balancer has sent when it can know that nobody is there any more was in flight.
    await eventually('it is taken out', async () => (await readyInstances(to.color)) === 1)
    const takenOutAt = clock()
    await eventually('another one takes its place', async () => (await readyInstances(to.color)) === 2)
    expect(await instances()).not.toContain(victim)
    const lost = users.failures.slice(lostBefore)
    expect(lost.length).toBeLessThanOrEqual(CONNECTIONS)
    expect(lost.filter(({ sentAt }) => sentAt > takenOutAt)).toEqual([])
  }
  await users.stop()
})

async function readyInstances(color: Color): Promise<number | undefined> {
  const { environments } = await rig.api().get<Status>('/status')
  const seen = environments[0]?.services[0]?.instances?.[color]
  // The desired count is never touched by an instance's end.
  expect(seen?.desired).toBe(2)
  return seen?.ready
}

/** Process ids of both instances, as they tell them to users. */
function instances(): Promise<readonly number[]> {
  return eventually('both instances answer', async () => {
    const answers = Array.from({ length: 8 }, async () =>
      Number(await (await fetch(`${rig.origin}/pid`)).text()),
    )
    const seen = new Set(await Promise.all(answers))
    return seen.size === 2 && [...seen]
  })
}
