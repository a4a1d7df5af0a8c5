import type { AuditEntry, AuditEvent } from '../model/audit-event.ts'
import type { Instant } from '../model/instant.ts'
import type { Freeze, Policy } from '../model/policy.ts'
import type { Promotion } from '../model/promotion.ts'
import type { Release, ReleaseId } from '../model/release.ts'
import type { Approval, Check, Token } from '../model/review.ts'
import type { Rollout } from '../model/rollout.ts'
import type { Verification } from '../model/service-spec.ts'
import { UserError } from '../model/user-error.ts'
import type { PreviewEndpoint } from '../targets/target.ts'

/** One thing to be kept. A promotion or rollout replaces version `value.version - 1`; version 1 is new. */
export type Change =
  | { readonly kind: 'release'; readonly value: Release }
  | { readonly kind: 'check'; readonly value: Check }
  | { readonly kind: 'approval'; readonly value: Approval }
  | { readonly kind: 'promotion'; readonly value: Promotion }
  | { readonly kind: 'rollout'; readonly value: Rollout }
  | { readonly kind: 'freeze'; readonly value: Freeze }
  | { readonly kind: 'token'; readonly value: Token }

/** The right to act on one promotion and its rollouts until it expires; `fence` grows every time that it is claimed. */
export interface Lease {
  readonly promotion: string
  readonly owner: string
  readonly fence: number
}

export interface Page {
  /** At most 200. */
  readonly limit: number
  /** From the page before; undefined for the first. */
  readonly cursor?: string
}

export interface Paged<T> {
  readonly items: readonly T[]
  /** Undefined on the last page. */
  readonly next?: string
}

export interface PromotionFilter {
  readonly environment?: string
  readonly release?: ReleaseId
  readonly phase?: Promotion['state']['phase']
}

export interface RolloutFilter {
  readonly environment?: string
  readonly service?: string
  readonly promotion?: string
  readonly open?: boolean
}

export interface OpenRollouts {
  readonly environment: string
  readonly phase: Rollout['state']['phase']
  readonly count: number
}

/** A key that a caller chose for one write, so that it may be sent again; keys of different tokens are unrelated. */
export interface AnswerKey {
  readonly token: string
  readonly key: string
}

export interface KeyedRequest extends AnswerKey {
  /** Tells requests apart; never the request itself, which may hold a secret. */
  readonly request: string
  readonly at: Instant
}

export type Reservation =
  /** Nobody had it: the write may begin. */
  | { readonly kind: 'reserved' }
  | { readonly kind: 'answered'; readonly answer: string }
  /** Begun at this instant, and not answered (yet). */
  | { readonly kind: 'begun'; readonly at: Instant }
  /** The key was taken for another request. */
  | { readonly kind: 'other' }

/** The store does not answer at the moment, or takes nothing: try again when it does. */
export class StoreUnavailable extends UserError {
  /** `unknown`: the answer to a write was lost on its way; look whether it is there before you repeat it. */
  readonly outcome: 'nothing recorded' | 'unknown'

  constructor(
    where: string,
    problem: {
      readonly what: string
      readonly remedy: string
      readonly outcome?: StoreUnavailable['outcome']
    },
  ) {
    super(where, problem.what, problem.remedy)
    this.name = 'StoreUnavailable'
    this.outcome = problem.outcome ?? 'nothing recorded'
  }
}

/** The database cannot be read because its file is not what was written. */
export class DatabaseDamaged extends UserError {
  constructor(where: string, what: string) {
    super(where, what, 'restore it from a backup')
    this.name = 'DatabaseDamaged'
  }
}

/** What the engine and the server keep. Every write is one transaction with its audit events. */
export interface Store {
  /**
   * Keeps all changes and appends all entries, or nothing. `conflict`: somebody recorded a newer version, or the lease
   * is no longer held. Resolves after the data are durable.
   */
  record(
    changes: readonly Change[],
    entries: readonly AuditEntry[],
    lease?: Lease,
  ): Promise<'recorded' | 'conflict'>

  release(id: ReleaseId): Promise<Release | undefined>
  /** Newest first. */
  releases(page: Page): Promise<Paged<Release>>
  /** Releases whose hash begins with the hex digits; at most 3. */
  releasesByPrefix(hex: string): Promise<readonly Release[]>

  checks(release: ReleaseId): Promise<readonly Check[]>
  approvals(release: ReleaseId): Promise<readonly Approval[]>
  approval(id: string): Promise<Approval | undefined>
  /** By name. */
  checksPage(release: ReleaseId, page: Page): Promise<Paged<Check>>
  /** Newest first. */
  approvalsPage(release: ReleaseId, page: Page): Promise<Paged<Approval>>

  promotion(id: string): Promise<Promotion | undefined>
  /** Newest first. */
  promotions(filter: PromotionFilter, page: Page): Promise<Paged<Promotion>>
  /** 1 for an environment without promotions. */
  nextPromotionNumber(environment: string): Promise<number>
  rollout(id: string): Promise<Rollout | undefined>
  /** Newest first. */
  rollouts(filter: RolloutFilter, page: Page): Promise<Paged<Rollout>>
  /** Every service that was ever rolled out in the environment, by name. */
  services(environment: string): Promise<readonly string[]>
  /** How many rollouts are open, by environment and phase. */
  openRollouts(): Promise<readonly OpenRollouts[]>

  freezes(): Promise<readonly Freeze[]>
  tokens(): Promise<readonly Token[]>
  /** Newest first. */
  freezesPage(page: Page): Promise<Paged<Freeze>>
  /** Newest first. */
  tokensPage(page: Page): Promise<Paged<Token>>

  /** Takes a key for a write that begins; what was taken up to `forgetUntil` counts as never taken. */
  reserveAnswer(request: KeyedRequest, forgetUntil: Instant): Promise<Reservation>
  /** Keeps what was answered under a key that was reserved. */
  keepAnswer(key: AnswerKey, answer: string): Promise<void>
  /** Gives a key back under which nothing was done. */
  dropAnswer(key: AnswerKey): Promise<void>
  /** Forgets every key taken up to this instant. */
  forgetAnswers(until: Instant): Promise<void>

  /**
   * Leases one promotion that has something due (itself or one of its rollouts) and that nobody holds; undefined when
   * there is none. The same owner may claim again what it holds: after a restart under the same name.
   */
  claim(request: {
    readonly owner: string
    readonly now: Instant
    readonly leaseMilliseconds: number
    readonly except: readonly string[]
  }): Promise<Lease | undefined>
  releaseLease(lease: Lease): Promise<void>
  /** Prolongs every lease that the owner still holds, and names them. */
  renewLeases(owner: string, now: Instant, leaseMilliseconds: number): Promise<readonly Lease[]>

  /** When this store was made or restored; orders the fences of stores. */
  epoch(): Promise<Instant>

  /** Events after the sequence, oldest first. */
  events(after: number, limit: number): Promise<readonly AuditEvent[]>
  lastSequence(): Promise<number>
  /**
   * Calls back after events were recorded by this process, with them, or (where the store can tell) by another, with
   * none; returns how to stop.
   */
  onRecorded(listener: (events: readonly AuditEvent[]) => void): () => void
  /** Reads the whole chain; the first event that does not fit, if any. */
  verifyAudit(): Promise<{
    readonly events: number
    readonly broken?: { readonly sequence: number; readonly what: string }
  }>
  close(): Promise<void>
}

/** Hands out the present time; simulated in tests. */
export interface Clock {
  now(): Instant
}

/** Calls back once after the milliseconds (0: as soon as what is at hand is done); returns how to call it off. */
export type After = (milliseconds: number, call: () => void) => () => void

/** Runs the expectations against a preview; a reading, so repeating it is safe. */
export interface Verifier {
  verify(
    expectations: readonly Verification[],
    endpoint: PreviewEndpoint,
    signal: AbortSignal,
  ): Promise<{ readonly passed: boolean; readonly problems: readonly string[] }>
}

/** The policy in force now. */
export interface PolicySource {
  current(): Policy
}
