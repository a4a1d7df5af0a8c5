import { pause, type Timing } from '../timing.ts'

/** Those who wait for something to become true. */
export interface Waiting {
  /** They look again. */
  wake(): void
  /** Whether it became true in time; fails with the signal's reason. */
  until(
    isTrue: () => boolean,
    o: { readonly milliseconds: number; readonly signal: AbortSignal },
  ): Promise<boolean>
}

export function createWaiting(timing: Timing): Waiting {
  const looks = new Set<() => void>()
  return {
    wake() {
      for (const look of looks) look()
    },
    async until(isTrue, { milliseconds, signal }) {
      if (isTrue()) return true
      const over = new AbortController()
      const look = () => isTrue() && over.abort()
      looks.add(look)
      try {
        await pause(timing, milliseconds, AbortSignal.any([signal, over.signal]))
        signal.throwIfAborted()
        return isTrue()
      } finally {
        looks.delete(look)
      }
    },
  }
}
