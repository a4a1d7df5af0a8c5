/** A step of the system's clock, or a laptop that slept, is noticed when it is larger than this. */
const STEP_MILLISECONDS = 20

/**
 * Milliseconds since the epoch with fractions, for latencies below one. The monotonic clock has them, but does not
 * count the time that a laptop sleeps, so it is set by the system's clock every second.
 */
export function createWallClock(): () => number {
  let offset = Date.now() - performance.now()
  const setting = setInterval(() => {
    const seen = Date.now() - performance.now()
    if (Math.abs(seen - offset) > STEP_MILLISECONDS) offset = seen
  }, 1000)
  setting.unref()
  return () => offset + performance.now()
}
