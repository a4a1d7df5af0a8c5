import { ObjectChanged } from './api/cluster.ts'

/** Somebody who writes to the same objects all the time is told of, not outwaited. */
const TRIES = 8

/** Controllers write to objects as well: reads everything again, and decides again, where something was changed between. */
export async function againWhenChanged<T>(act: () => Promise<T>): Promise<T> {
  for (let left = TRIES - 1; ; left -= 1) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof ObjectChanged) || left === 0) throw error
    }
  }
}
