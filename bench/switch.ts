import {
  clock,
  runSwitching,
  type Switching,
  type SwitchingResult,
  type Way,
} from '../test/harness/e2e-switching.ts'
import { eventually } from '../test/harness/eventually.ts'

/** From the call that opens a switch to the first answer of the new release, with a request every millisecond. */
export function run(options: { readonly json: boolean }): Promise<SwitchingResult> {
  return runSwitching({ ...options, title: 'call to first answer of the new release', measure })
}

async function measure(switching: Switching, way: Way, count: number): Promise<readonly number[]> {
  const took: number[] = []
  for (let index = 0; index < count; index += 1) {
    const rollout = await switching.waitingRelease()
    const calledAt = clock()
    const called = switching.advance(rollout, way)
    const answeredAt = await eventually('the new release answers', () => switching.firstAnswer(rollout))
    took.push(answeredAt - calledAt)
    await called
    await switching.until(rollout, 'standby')
  }
  return took
}
