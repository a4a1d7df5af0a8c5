import { refuse } from '../answers.ts'
import type { Answer } from '../control-plane.ts'

/** Somebody else's change came first: read again and decide anew. Often, since a rollback of many services must get through. */
const TRIES = 50

/** Runs a read-decide-record until its record meets no conflict; `undefined` asks for another try. */
export async function untilRecorded<T>(attempt: () => Promise<Answer<T> | undefined>): Promise<Answer<T>> {
  for (let tried = 0; tried < TRIES; tried++) {
    const answer = await attempt()
    if (answer !== undefined) return answer
  }
  return refuse('conflict', 'others kept changing the same thing', 'look at `sluice status` and try again')
}
