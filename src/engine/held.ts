import type { Fence } from '../model/fence.ts'
import type { Instant } from '../model/instant.ts'
import type { Rollout } from '../model/rollout.ts'
import type { EngineParts } from './parts.ts'
import type { Lease } from './ports.ts'

/** A lease that this process took. */
export interface Held extends Lease {
  /** The store's, which orders this process's acts. */
  readonly epoch: Instant
  /** Until then nobody else can have taken it; moved on whenever it is prolonged. */
  surelyUntil: Instant
  /** Acts begun under it. */
  acts: number
}

/** The fence of the rollout's next act. */
export function nextFence(held: Held, { number }: Rollout): Fence {
  held.acts += 1
  return [held.epoch, number, held.fence, held.acts]
}

/**
 * Whether the lease is surely this process's. One that was not prolonged in time (the process was stopped, or the store
 * away) may be somebody else's by now: the store is asked. A target that remembers fences refuses whatever slips through.
 */
export async function mayAct(parts: EngineParts, held: Held): Promise<boolean> {
  return parts.clock.now() < held.surelyUntil || (await parts.store.record([], [], held)) === 'recorded'
}
