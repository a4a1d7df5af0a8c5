import type { Actor } from './actor.ts'
import type { GateReason } from './gate.ts'
import type { Instant } from './instant.ts'
import type { ReleaseId } from './release.ts'

/** One release's way into one environment. */
export interface Promotion {
  /** Environment and running number: `prod-12`. */
  readonly id: string
  readonly environment: string
  readonly release: ReleaseId
  /** A rollback passes no gate and obeys no freeze. */
  readonly kind: 'promotion' | 'rollback'
  /** Services of the release that are rolled out; a rollback may name a few. */
  readonly services: readonly string[]
  readonly by: Actor
  readonly breakGlass?: { readonly reason: string }
  readonly createdAt: Instant
  readonly state: PromotionState
  /** When the engine looks again; null when nothing but an event can change it. */
  readonly dueAt: Instant | null
  /** Counts up with each recorded change; a writer states the version it read. */
  readonly version: number
}

export type PromotionState =
  | { readonly phase: 'waiting'; readonly reasons: readonly GateReason[] }
  | { readonly phase: 'running'; readonly startedAt: Instant }
  | {
      readonly phase: 'done'
      readonly outcome: PromotionOutcome
      readonly at: Instant
      readonly reasons: readonly string[]
    }

/** `returned`: a gate sent it back. `superseded`: a newer one took its place while it waited. */
export type PromotionOutcome = 'succeeded' | 'failed' | 'rolled-back' | 'aborted' | 'returned' | 'superseded'
