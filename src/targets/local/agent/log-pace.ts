/** Says how long whoever read something of an instance's output waits before reading on, in milliseconds. */
export interface LogPace {
  read(bytes: number): number
}

/** What was not read for so long may be read at once: an instance that seldom prints never waits. */
const BURST_MILLISECONDS = 50

/**
 * Bounds how fast all instances together are read: each line costs the process that answers users some microseconds. An
 * instance that prints faster waits while its pipe is full.
 */
export function createLogPace(o: {
  readonly bytesPerSecond: number
  /** Milliseconds that never step back. */
  readonly now: () => number
}): LogPace {
  let paidUntil = 0
  return {
    read(bytes) {
      const now = o.now()
      paidUntil = Math.max(paidUntil, now - BURST_MILLISECONDS) + (bytes / o.bytesPerSecond) * 1000
      return Math.max(0, paidUntil - now)
    },
  }
}
