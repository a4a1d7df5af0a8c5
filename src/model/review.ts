import type { Digest } from './digest.ts'
import type { Instant } from './instant.ts'
import type { ApprovalKind } from './policy.ts'
import type { ReleaseId } from './release.ts'

/** One automated check's latest word on a release; a later report of the same name replaces an earlier one. */
export interface Check {
  readonly release: ReleaseId
  readonly name: string
  readonly state: 'pending' | 'passed' | 'failed'
  readonly url?: string
  readonly by: string
  readonly at: Instant
}

/** One person's word on one gate for one release and environment. */
export interface Approval {
  readonly id: string
  readonly release: ReleaseId
  readonly environment: string
  readonly kind: ApprovalKind
  readonly verdict: 'approved' | 'rejected'
  readonly by: string
  readonly roles: readonly string[]
  readonly comment?: string
  readonly at: Instant
  readonly expiresAt: Instant
  readonly withdrawnAt?: Instant
}

/** An API token; the token itself is shown once and only its hash is kept. */
export interface Token {
  readonly id: string
  readonly name: string
  readonly kind: 'person' | 'automation'
  readonly roles: readonly string[]
  readonly hash: Digest
  readonly createdAt: Instant
  readonly expiresAt: Instant
  readonly revokedAt?: Instant
}
