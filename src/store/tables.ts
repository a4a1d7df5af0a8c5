import type { Generated } from 'kysely'
import type { Digest } from '../model/digest.ts'

/**
 * What every table has in common: `value` is the whole thing as canonical JSON, `position` counts up as things are
 * first kept, and the other columns repeat from the value what queries look for.
 */
interface Kept {
  readonly position: Generated<number>
  readonly id: string
  readonly value: string
}

interface ReleaseTable extends Kept {}

interface CheckTable {
  readonly release: string
  readonly name: string
  readonly value: string
}

interface ApprovalTable extends Kept {
  readonly release: string
}

export interface PromotionTable extends Kept {
  readonly environment: string
  /** The running number in the id. */
  readonly number: number
  readonly release: string
  readonly phase: string
  readonly due_at: number | null
  readonly version: number
}

export interface RolloutTable extends Kept {
  readonly promotion: string
  readonly environment: string
  readonly service: string
  /** The running number among those of its service there. */
  readonly number: number
  readonly phase: string
  readonly due_at: number | null
  readonly version: number
}

interface FreezeTable extends Kept {}

interface TokenTable extends Kept {}

interface LeaseTable {
  readonly promotion: string
  /** Null once it was given back. */
  readonly owner: string | null
  readonly fence: number
  readonly expires_at: number
}

export interface AuditTable {
  readonly sequence: number
  /** The audit entry as canonical JSON; `hash` is computed from these very bytes. */
  readonly entry: string
  readonly previous: Digest
  readonly hash: Digest
}

/** One row: where the audit log ends, so that a tail cut off is missed. */
interface AuditHeadTable {
  readonly id: number
  readonly sequence: number
  readonly hash: Digest
}

/** One row: when this store was made or restored (unix milliseconds). */
interface EpochTable {
  readonly id: number
  readonly epoch: number
}

/** What was answered to a write whose caller may repeat it under the same key. */
interface AnswerTable {
  /** Whose key it is: keys of different callers have nothing to do with each other. */
  readonly token: string
  readonly key: string
  /** Tells requests apart: the same key on another request is a mistake. */
  readonly request: string
  readonly at: number
  /** Null while the write is under way. */
  readonly answer: string | null
}

interface SchemaVersionTable {
  readonly version: number
  readonly name: string
  readonly applied_at: number
  /** The oldest version whose programs go on working with these tables. */
  readonly works_with: number
}

export interface Tables {
  readonly releases: ReleaseTable
  readonly checks: CheckTable
  readonly approvals: ApprovalTable
  readonly promotions: PromotionTable
  readonly rollouts: RolloutTable
  readonly freezes: FreezeTable
  readonly tokens: TokenTable
  readonly leases: LeaseTable
  readonly audit: AuditTable
  readonly audit_head: AuditHeadTable
  readonly epoch: EpochTable
  readonly answers: AnswerTable
  readonly schema_versions: SchemaVersionTable
}
