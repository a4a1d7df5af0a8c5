import type { Instant } from '../../model/instant.ts'

/**
 * Tells for how long something has been seen, by Sluice's own clock: those of the cluster's machines may go another way.
 */
export interface Patience {
  /** Whether the thing has been seen for at least so long, this time included. */
  isOver(key: string, graceSeconds: number): boolean
}

/** Whatever nobody asked about for so long is over, and would begin anew. */
const FORGET_MILLISECONDS = 60_000

export function createPatience(now: () => Instant): Patience {
  const seen = new Map<string, { readonly first: Instant; last: Instant }>()
  return {
    isOver(key, graceSeconds) {
      const at = now()
      for (const [other, { last }] of seen) if (at - last > FORGET_MILLISECONDS) seen.delete(other)
      const entry = seen.get(key) ?? { first: at, last: at }
      entry.last = at
      seen.set(key, entry)
      return at - entry.first >= graceSeconds * 1000
    },
  }
}
