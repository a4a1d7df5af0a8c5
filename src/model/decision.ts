import type { Color, Weights } from './color.ts'
import type { Instant } from './instant.ts'
import type { Measurements, Observation } from './observation.ts'
import type { ReleaseId } from './release.ts'
import type { Rollout } from './rollout.ts'

/** What a decision rests on. Parts that the present phase has no use for are absent. */
export interface Evidence {
  readonly observation: Observation
  /** Everything that keeps the release from being put to work; empty when it may be. */
  readonly preflight?: readonly string[]
  readonly verification?: { readonly passed: boolean; readonly problems: readonly string[] }
  /** Absent when the source had nothing or could not be asked. */
  readonly measurements?: Measurements
  /** The rollout before this one is not over: the other color may still be its standby. */
  readonly priorIsOpen?: boolean
}

/** Something to be done through the target. Repeating one that took effect changes nothing. */
export type Act =
  | { readonly kind: 'provision'; readonly color: Color; readonly release: ReleaseId; readonly count: number }
  | { readonly kind: 'shift'; readonly weights: Weights }
  | { readonly kind: 'retire'; readonly color: Color }

/** The engine records a decision before it acts on it. */
export type Decision =
  /** Nothing to do before `until` unless something happens. */
  | { readonly kind: 'wait'; readonly until: Instant | null; readonly reason: string }
  /** The target is not yet where this phase wants it: do (again) what brings it there. */
  | { readonly kind: 'act'; readonly act: Act; readonly reason: string }
  /** A new state; `act` is done once it is recorded. */
  | { readonly kind: 'move'; readonly rollout: Rollout; readonly act?: Act; readonly reason: string }
