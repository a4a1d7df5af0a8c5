import type { Instant } from './instant.ts'

/**
 * Orders all that is ever done to one service: when the store was made (a restored or newer store goes before an older
 * one), the rollout's running number in its service, how often its promotion's lease changed hands, and the holder's own
 * count of acts, so that one that comes late or a second time undoes nothing.
 */
export type Fence = readonly [epoch: Instant, rollout: number, lease: number, act: number]

/** Whether the first comes before the second: whoever does must not act any more once the second has. */
export function isBefore(first: Fence, second: Fence): boolean {
  const place = first.findIndex((part, index) => part !== second[index])
  return place !== -1 && (first[place] ?? 0) < (second[place] ?? 0)
}
