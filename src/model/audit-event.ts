import type { Digest } from './digest.ts'
import type { Instant } from './instant.ts'

/** What happened, by whom, to what: appended in the transaction that it tells about, and the live event as well. */
export interface AuditEntry {
  readonly at: Instant
  /** Name of a person or CI job, or `sluice`. */
  readonly actor: string
  readonly kind: AuditKind
  readonly environment?: string
  readonly service?: string
  readonly release?: string
  readonly promotion?: string
  readonly rollout?: string
  /** One sentence for people. */
  readonly message: string
  /** Facts for programs; never a secret value. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** An entry in the chain: `hash` covers the entry, its sequence and the hash before it. */
export interface AuditEvent extends AuditEntry {
  readonly sequence: number
  readonly previous: Digest
  readonly hash: Digest
}

export type AuditKind =
  | 'release.created'
  | 'check.reported'
  | 'approval.given'
  | 'approval.rejected'
  | 'approval.withdrawn'
  | 'promotion.requested'
  | 'promotion.waiting'
  | 'promotion.returned'
  | 'promotion.superseded'
  | 'promotion.started'
  | 'promotion.finished'
  | 'rollout.moved'
  | 'rollout.requested'
  | 'rollout.paused'
  | 'rollout.resumed'
  | 'rollout.finished'
  | 'freeze.declared'
  | 'freeze.lifted'
  | 'secret.written'
  | 'token.created'
  | 'token.revoked'
  | 'policy.changed'
  | 'environment.repaired'
  | 'store.backed-up'
  | 'store.restored'
  | 'store.moved'
