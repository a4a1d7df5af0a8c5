import {
  clock,
  runSwitching,
  type Switching,
  type SwitchingResult,
  type Way,
} from '../test/harness/e2e-switching.ts'

/** From the call of a rollback to the last answer of the release that is left, with a request every millisecond. */
export function run(options: { readonly json: boolean }): Promise<SwitchingResult> {
  return runSwitching({ ...options, title: 'call to last answer of the release that is left', measure })
}

async function measure(switching: Switching, way: Way, count: number): Promise<readonly number[]> {
  const took: number[] = []
  for (let index = 0; index < count; index += 1) {
    const rollout = await switching.waitingRelease()
    await switching.advance(rollout, 'api')
    await switching.until(rollout, 'standby')
    const calledAt = clock()
    await switching.rollBack(way)
    // Then its instances have ended: nothing can answer later.
    await switching.until(rollout, 'done')
    took.push((switching.lastAnswer(rollout) ?? calledAt) - calledAt)
  }
  return took
}
