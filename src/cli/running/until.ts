import { setTimeout as pause } from 'node:timers/promises'

const BETWEEN_LOOKS_MILLISECONDS = 40

/** Looks again and again until there is something, or the time is over. */
export async function until<T>(o: {
  readonly seconds: number
  readonly signal: AbortSignal
  /** 40 without it: for what answers at once and hurts nobody. */
  readonly betweenMilliseconds?: number
  look(): Promise<T | undefined>
}): Promise<T | undefined> {
  const deadline = performance.now() + o.seconds * 1000
  for (;;) {
    const found = await o.look()
    if (found !== undefined || performance.now() > deadline) return found
    await pause(o.betweenMilliseconds ?? BETWEEN_LOOKS_MILLISECONDS, undefined, { signal: o.signal })
  }
}
