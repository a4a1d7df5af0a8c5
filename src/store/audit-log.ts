import type { Kysely } from 'kysely'
import type { AuditEntry, AuditEvent } from '../model/audit-event.ts'
import { type ChainedEntry, chain, type Link } from './audit-chain.ts'
import type { AuditTable, Tables } from './tables.ts'

/** Few enough that a statement stays below every database's limit of bound values (4 a row). */
const ROWS_AT_ONCE = 200

/** Call in a transaction that took its turn: two events may not follow the same one. Returns them as they are kept. */
export async function appendEntries(
  db: Kysely<Tables>,
  entries: readonly AuditEntry[],
): Promise<readonly AuditEvent[]> {
  if (entries.length === 0) return []
  const chained: ChainedEntry[] = []
  let last = await auditHead(db)
  for (const entry of entries) {
    const next = chain(last, entry)
    chained.push(next)
    last = next
  }
  for (let start = 0; start < chained.length; start += ROWS_AT_ONCE) {
    await db
      .insertInto('audit')
      .values(chained.slice(start, start + ROWS_AT_ONCE))
      .execute()
  }
  await db
    .updateTable('audit_head')
    .set({ sequence: last.sequence, hash: last.hash })
    .where('id', '=', 1)
    .execute()
  return chained.map(toEvent)
}

/** Oldest first. */
export async function eventsAfter(db: Kysely<Tables>, after: number, limit: number) {
  const rows = await db
    .selectFrom('audit')
    .selectAll()
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(limit)
    .execute()
  return rows.map(row => toEvent(row))
}

export async function auditHead(db: Kysely<Tables>): Promise<Link> {
  const head = await db
    .selectFrom('audit_head')
    .select(['sequence', 'hash'])
    .where('id', '=', 1)
    .executeTakeFirst()
  if (head === undefined) throw new Error('the audit log has lost the row that says where it ends')
  return head
}

function toEvent({ sequence, entry, previous, hash }: ChainedEntry | AuditTable): AuditEvent {
  const parsed: AuditEntry = JSON.parse(entry)
  return { ...parsed, sequence, previous, hash }
}
