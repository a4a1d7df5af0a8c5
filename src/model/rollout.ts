import type { Color } from './color.ts'
import type { Digest } from './digest.ts'
import type { Instant } from './instant.ts'
import type { ReleaseId } from './release.ts'
import type { RolloutPlan } from './service-spec.ts'

/** One promotion's work on one service. */
export interface Rollout {
  /** Promotion and service: `prod-12.web`. */
  readonly id: string
  readonly promotion: string
  readonly environment: string
  readonly service: string
  /** 1 for the first of its service in the environment: they act one after the other, in this order. */
  readonly number: number
  readonly kind: 'promotion' | 'rollback'
  /** What users are served by when it begins; undefined for the first release of an environment. */
  readonly from?: Occupant
  readonly to: Occupant
  /** Digest of what `to` runs; instances that run anything else are never given users. */
  readonly artifact: Digest
  /** Services of the same promotion that have to switch first. */
  readonly after: readonly string[]
  readonly plan: RolloutPlan
  /** Instances that the release asks for. */
  readonly replicas: number
  /** The target changes the number of instances by itself. */
  readonly autoscaled: boolean
  readonly createdAt: Instant
  readonly state: RolloutState
  /** Paused holds every step forward; a failing release is taken back all the same. */
  readonly pausedBy?: string
  /** A person's wish that the engine has not yet acted on. */
  readonly request?: RolloutRequest
  /** Instances provisioned for `to`: the larger of what the release asks for and what `from` had. */
  readonly capacity?: number
  /** When each phase was entered, for reports. */
  readonly history: readonly PhaseEntry[]
  readonly dueAt: Instant | null
  readonly version: number
}

export interface Occupant {
  readonly color: Color
  readonly release: ReleaseId
}

export interface PhaseEntry {
  readonly phase: RolloutState['phase']
  readonly at: Instant
  readonly reason: string
}

export type RolloutRequest =
  /** Opens what waits for a person: the switch, or the rest of a bake. */
  | { readonly kind: 'advance'; readonly by: string; readonly at: Instant }
  | { readonly kind: 'abort'; readonly by: string; readonly at: Instant; readonly reason: string }
  | { readonly kind: 'rollback'; readonly by: string; readonly at: Instant; readonly reason: string }
  /** A newer promotion takes the standby's place. */
  | { readonly kind: 'end-standby'; readonly by: string; readonly at: Instant }

export type RolloutState =
  /** Another service of the release has to switch first. */
  | { readonly phase: 'pending'; readonly since: Instant }
  | { readonly phase: 'preflight'; readonly since: Instant }
  | { readonly phase: 'provision'; readonly since: Instant }
  | { readonly phase: 'verify'; readonly since: Instant; readonly attempt: number }
  | { readonly phase: 'approval'; readonly since: Instant }
  /** Traffic moves to step `step`; `confirmedAt` is when the target was seen to have done so. */
  | {
      readonly phase: 'shift'
      readonly since: Instant
      readonly step: number
      readonly confirmedAt?: Instant
    }
  /** The new color has all traffic and is watched; the old one keeps its capacity. */
  | { readonly phase: 'bake'; readonly since: Instant }
  | { readonly phase: 'standby'; readonly since: Instant }
  | { readonly phase: 'retire'; readonly since: Instant }
  /** Users go back to `from`. */
  | {
      readonly phase: 'rollback'
      readonly since: Instant
      readonly reason: string
      readonly automatic: boolean
      readonly requestedAt: Instant
      readonly outcome: 'rolled-back' | 'aborted'
    }
  /** Traffic is where it belongs; the new color is taken away. */
  | {
      readonly phase: 'withdraw'
      readonly since: Instant
      readonly reason: string
      readonly outcome: RolloutOutcome
      /** From the call (or the verdict) to confirmed traffic, in milliseconds; only after a rollback. */
      readonly rollbackMilliseconds?: number
      readonly automatic?: boolean
    }
  | {
      readonly phase: 'done'
      readonly at: Instant
      readonly reason: string
      readonly outcome: RolloutOutcome
      /** Who serves users now; undefined when nobody ever did. */
      readonly serving?: Occupant
      readonly rollbackMilliseconds?: number
      readonly automatic?: boolean
    }

export type RolloutOutcome = 'succeeded' | 'failed' | 'rolled-back' | 'aborted'

/** Who serves users when this rollout has ended, or while it stands by. */
export function activeAfter(rollout: Rollout): Occupant | undefined {
  const { state } = rollout
  if (state.phase === 'done') return state.serving
  return state.phase === 'standby' || state.phase === 'retire' ? rollout.to : rollout.from
}

/** Whether it was already asked to stop or to go back: nothing that comes later takes such a word back. */
export function isCalledBack({ request }: Rollout): boolean {
  return request?.kind === 'abort' || request?.kind === 'rollback'
}

/** Whether it ever set out to move users; one that did not says nothing about who serves them. */
function reachedUsers(rollout: Rollout): boolean {
  const first = isRolling(rollout) ? 'provision' : 'shift'
  return rollout.history.some(({ phase }) => phase === first)
}

/**
 * Who serves users, told from all rollouts of a service, newest first. The newest alone would not do: while it was on
 * its way the one before it may have taken users back.
 */
export function servesNow(newestFirst: Iterable<Rollout>): Occupant | undefined {
  for (const rollout of newestFirst) if (reachedUsers(rollout)) return activeAfter(rollout)
  return undefined
}

/** Replaced in place: the release before gives up its slot instance by instance. */
export function isRolling(rollout: Rollout): boolean {
  return rollout.from !== undefined && rollout.from.color === rollout.to.color
}
