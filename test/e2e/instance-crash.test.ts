import { afterEach, beforeEach, expect, it } from 'vitest'
import { processExists } from '../../src/cli/running/server-state.ts'
import type { ServiceStatus, Status } from '../../src/engine/control-plane.ts'
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
    await eventually('the instance is gone', () => !processExists(victim))
    const goneAt = clock()
    await eventually('another one takes its place', async () => {
      const { instances: seen } = await status()
      // The desired count is never touched by an instance's end.
      expect(seen?.[to.color]?.desired).toBe(2)
      return seen?.[to.color]?.ready === 2 && !(await instances()).includes(victim)
    })
    const lost = users.failures.slice(lostBefore)
    expect(lost.length).toBeLessThanOrEqual(CONNECTIONS)
    expect(lost.filter(({ sentAt }) => sentAt > goneAt)).toEqual([])
  }
  await users.stop()
})

async function status(): Promise<ServiceStatus> {
  const { environments } = await rig.api().get<Status>('/status')
  const service = environments[0]?.services[0]
  if (service === undefined) throw new Error('there is no service')
  return service
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
