import { type Fence, promotionNumber } from '../model/fence.ts'
import type { Instant } from '../model/instant.ts'
import type { EngineParts } from './parts.ts'
import type { Lease } from './ports.ts'

/** A lease that this process took. */
export interface Held extends Lease {
  /** The store's, which orders this process's acts. */
  readonly epoch: Instant
  /** Until then nobody else can have taken it; moved on whenever it is prolonged. */
  surelyUntil: Instant
}

export function fenceOf({ epoch, promotion, fence }: Held): Fence {
  return [epoch, promotionNumber(promotion), fence]
}

/**
 * Whether the lease is surely this process's. One that was not prolonged in time (the process was stopped, or the store
 * away) may be somebody else's by now: the store is asked. A target that remembers fences refuses whatever slips through.
 */
export async function mayAct(parts: EngineParts, held: Held): Promise<boolean> {
  return parts.clock.now() < held.surelyUntil || (await parts.store.record([], [], held)) === 'recorded'
}
