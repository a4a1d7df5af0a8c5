/** At most so many at once; others wait in line, the first one first. */
export interface Line {
  /** Runs the work when it is its turn; fails with the signal's reason, or with the line's, where that comes first. */
  through<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
  /** Sends everybody who waits away. */
  dissolve(reason: Error): void
}

interface Waiter {
  readonly go: () => void
  readonly leave: (reason: unknown) => void
}

export function createLine(places: number): Line {
  let taken = 0
  const waiters = new Set<Waiter>()
  const wait = async (signal: AbortSignal) =>
    await new Promise<void>((resolve, reject) => {
      const end = (settle: () => void) => {
        waiters.delete(waiter)
        signal.removeEventListener('abort', aborted)
        settle()
      }
      const waiter: Waiter = { go: () => end(resolve), leave: reason => end(() => reject(reason)) }
      const aborted = () => waiter.leave(signal.reason)
      signal.addEventListener('abort', aborted, { once: true })
      waiters.add(waiter)
    })
  return {
    async through(work, signal) {
      signal.throwIfAborted()
      // The place of whoever leaves is handed on, so that nobody gets in between.
      if (taken < places) taken += 1
      else await wait(signal)
      try {
        return await work()
      } finally {
        const [next] = waiters
        if (next === undefined) taken -= 1
        else next.go()
      }
    },
    dissolve(reason) {
      for (const { leave } of waiters) leave(reason)
    },
  }
}
