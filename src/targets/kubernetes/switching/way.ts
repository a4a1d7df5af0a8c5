import type { Move } from '../ledger.ts'
import type { ServiceView } from '../service-view.ts'
import type { Look, Pursuit } from './switch.ts'

/** What is particular to one way of moving users: how its effect is seen, and what brings it about. */
export interface Way {
  /** What is missing until the weights are in effect, in words; undefined when nothing is. */
  readonly missing: (effect: Effect) => string | undefined
  /** Why the gaining color must not get users yet, in words. */
  readonly obstacles: (look: Look) => Promise<readonly string[]>
  /** See `Switch.pursue`. */
  readonly pursue: (o: Pursuit, move: Move) => Promise<void>
}

export interface Effect {
  readonly view: ServiceView
  /** The move that brought the weights about; undefined where somebody else did. */
  readonly move: Move | undefined
  readonly now: number
}
