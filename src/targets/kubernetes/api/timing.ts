/** Clock and timers of this process; simulated in tests. */
export interface Timing {
  /** Milliseconds since some moment; never goes back. */
  readonly now: () => number
  /** Calls back once after the milliseconds; returns how to call it off. */
  readonly after: (milliseconds: number, call: () => void) => () => void
  /** From 0 up to 1, so that not everybody asks at the same moment. */
  readonly random: () => number
}

export const systemTiming: Timing = {
  now: () => performance.now(),
  after(milliseconds, call) {
    const timer = setTimeout(call, milliseconds)
    return () => clearTimeout(timer)
  },
  random: Math.random,
}

/** Waits, or returns early when aborted. */
export function pause(timing: Timing, milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => {
    const end = () => {
      callOff()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const callOff = timing.after(milliseconds, end)
    signal.addEventListener('abort', end, { once: true })
  })
}
