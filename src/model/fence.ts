import type { Instant } from './instant.ts'

/**
 * Orders all who ever act on one service: when the store was made (a restored or newer store goes before an older one),
 * the promotion's running number in its environment, and how often that promotion's lease changed hands.
 */
export type Fence = readonly [epoch: Instant, promotion: number, lease: number]

/** Whether the first comes before the second: whoever does must not act any more once the second has. */
export function isBefore(first: Fence, second: Fence): boolean {
  const place = first.findIndex((part, index) => part !== second[index])
  return place !== -1 && (first[place] ?? 0) < (second[place] ?? 0)
}

/** The running number in a promotion's id. */
export function promotionNumber(id: string): number {
  const number = Number(id.slice(id.lastIndexOf('-') + 1))
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`'${id}' is no promotion`)
  return number
}
