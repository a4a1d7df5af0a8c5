import { afterEach, beforeEach, expect, it } from 'vitest'
import { shortRelease } from '../../src/model/release.ts'
import type { Occupant, Rollout } from '../../src/model/rollout.ts'
import { clock, type RecordedLoad, type Stay, startRecordedLoad, unexplained } from '../harness/e2e-load.ts'
import { type E2eRig, startRig } from '../harness/e2e-rig.ts'

const SWITCHES = 100
const SWITCHES_A_ROLLBACK = 5

let rig: E2eRig
let users: RecordedLoad | undefined
beforeEach(async () => {
  rig = await startRig()
})
afterEach(async () => {
  await users?.stop()
  await rig.end()
})

it('answers every request, and from the right color, through 100 switches and 20 rollbacks', {
  timeout: 300_000,
}, async () => {
  const first = await rig.promoteAndWait(await rig.release('0'))
  const stays: Stay[] = [{ ...named(first.to), calledAt: 0, confirmedAt: clock() }]
  users = startRecordedLoad(rig.origin)
  for (let number = 1; number <= SWITCHES; number += 1) {
    const release = await rig.release(String(number))
    stays.push(
      await stay(
        () => rig.promoteAndWait(release),
        ({ to }) => to,
      ),
    )
    if (number % SWITCHES_A_ROLLBACK === 0)
      stays.push(
        await stay(
          () => rig.rollbackAndWait(),
          ({ from }) => from,
        ),
      )
  }
  const totals = await users.stop()
  expect(users.failures).toEqual([])
  expect(users.answers).toHaveLength(totals.requests)
  expect(unexplained(users.answers, stays)).toEqual([])
  expect(stays).toHaveLength(1 + SWITCHES + SWITCHES / SWITCHES_A_ROLLBACK)
  // Every one of them had users, or the checks above would have looked at nothing.
  const served = new Set(users.answers.map(({ release }) => release))
  expect(new Set(stays.map(({ release }) => release)).difference(served)).toEqual(new Set())
  expect(await rig.api().get('/audit/verify')).toEqual({ events: expect.any(Number) })
})

async function stay(
  act: () => Promise<Rollout>,
  serving: (rollout: Rollout) => Occupant | undefined,
): Promise<Stay> {
  const calledAt = clock()
  const rollout = await act()
  return { ...named(serving(rollout)), calledAt, confirmedAt: clock() }
}

function named(occupant: Occupant | undefined): Pick<Stay, 'release' | 'color'> {
  if (occupant === undefined) throw new Error('nobody serves')
  return { release: shortRelease(occupant.release), color: occupant.color }
}
