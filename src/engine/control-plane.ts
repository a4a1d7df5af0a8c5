import type { Actor } from '../model/actor.ts'
import type { Color, Weights } from '../model/color.ts'
import type { GateReason } from '../model/gate.ts'
import type { Instant } from '../model/instant.ts'
import type { Measurements } from '../model/observation.ts'
import type { ApprovalKind, Freeze } from '../model/policy.ts'
import type { Promotion } from '../model/promotion.ts'
import type { Release, ReleaseContent, ReleaseId } from '../model/release.ts'
import type { Approval, Check } from '../model/review.ts'
import type { Rollout } from '../model/rollout.ts'
import type { LiveDifference } from '../targets/target.ts'

/** Why something asked for was not done. `conflict`: the state does not allow it (any more); `unmet`: a gate says no. */
export interface Refusal {
  readonly kind: 'not-found' | 'invalid' | 'forbidden' | 'conflict' | 'unmet'
  readonly what: string
  readonly remedy: string
  readonly reasons?: readonly GateReason[]
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal }

export interface PromotionRequest {
  readonly release: ReleaseId
  readonly environment: string
  readonly by: Actor
  /** Enters during a freeze; nothing else is skipped. */
  readonly breakGlass?: { readonly reason: string }
}

/** What promoting now would meet. */
export interface GateReport {
  readonly verdict: 'met' | 'waiting' | 'failed'
  readonly reasons: readonly GateReason[]
}

export interface RolloutCommand {
  readonly rollout: string
  readonly kind: 'pause' | 'resume' | 'advance' | 'abort' | 'rollback'
  readonly by: Actor
  readonly reason?: string
}

/** What people may ask. The server checks who may ask; every method checks whether it can be done. */
export interface ControlPlane {
  /** The same content gives the same release, created once. Refused when its project, services or environments are not those of the policy. */
  createRelease(content: ReleaseContent, by: Actor): Promise<Answer<Release>>
  /** By full id, short form (`r-…`) or any unambiguous prefix of at least 4 hex digits; `latest` is the newest. */
  findRelease(reference: string): Promise<Answer<Release>>
  reportCheck(check: Omit<Check, 'at' | 'by'>, by: Actor): Promise<Answer<Check>>
  decideApproval(
    approval: Pick<Approval, 'release' | 'environment' | 'verdict'> & {
      kind: ApprovalKind
      comment?: string
    },
    by: Actor,
  ): Promise<Answer<Approval>>
  withdrawApproval(id: string, by: Actor): Promise<Answer<Approval>>
  /** Shows what the gate says and changes nothing. */
  gate(request: PromotionRequest): Promise<Answer<GateReport>>
  /** Waiting or running when accepted; refused as `unmet` with every reason at once when a gate fails (the refused promotion is kept). */
  promote(request: PromotionRequest): Promise<Answer<Promotion>>
  /** Takes back a promotion that waits, or aborts every rollout of one that runs. */
  abortPromotion(id: string, by: Actor, reason: string): Promise<Answer<Promotion>>
  command(command: RolloutCommand): Promise<Answer<Rollout>>
  /** Users go back to the standby that still runs, else to the last good release. One promise of work a service. */
  rollback(request: {
    readonly environment: string
    readonly service?: string
    readonly by: Actor
    readonly reason: string
  }): Promise<Answer<readonly Rollout[]>>
  declareFreeze(
    freeze: Pick<Freeze, 'reason'> & { environment?: string; until?: Instant },
    by: Actor,
  ): Promise<Answer<Freeze>>
  liftFreeze(id: string, by: Actor): Promise<Answer<Freeze>>
  status(): Promise<Status>
  /** What in the environment is not as it was released; of one service, or of all. Changes nothing. */
  differences(place: LivePlace): Promise<Answer<readonly ServiceDifferences[]>>
  /** Makes it as released again, whoever changed it, and tells what was different. */
  repair(place: LivePlace, by: Actor): Promise<Answer<readonly ServiceDifferences[]>>
}

export interface LivePlace {
  readonly environment: string
  readonly service?: string
}

export interface ServiceDifferences {
  readonly service: string
  readonly differences: readonly LiveDifference[]
  /** Why it could not be compared. */
  readonly problem?: string
}

/** Environments as columns, services as rows. */
export interface Status {
  readonly project: string
  readonly at: Instant
  readonly environments: readonly EnvironmentStatus[]
}

export interface EnvironmentStatus {
  readonly name: string
  /** Where users reach it, when the target says. */
  readonly address?: string
  readonly frozen?: string
  readonly waiting: readonly Promotion[]
  readonly services: readonly ServiceStatus[]
}

export interface ServiceStatus {
  readonly service: string
  readonly active?: { readonly color: Color; readonly release: ReleaseId; readonly since: Instant }
  readonly standby?: { readonly color: Color; readonly release: ReleaseId; readonly until: Instant }
  /** The open rollout, else the last one. */
  readonly rollout?: Rollout
  readonly weights?: Weights
  readonly instances?: { readonly [color in Color]?: { readonly ready: number; readonly desired: number } }
  readonly health: 'healthy' | 'degraded' | 'failing' | 'unknown' | 'empty'
  readonly problem?: string
  readonly measurements?: Measurements
}
