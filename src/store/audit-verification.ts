import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Store } from '../engine/ports.ts'
import { GENESIS, type Link, linkHash } from './audit-chain.ts'
import { type Database, DatabaseDamaged } from './database.ts'

type Verification = Awaited<ReturnType<Store['verifyAudit']>>

interface StoredLink {
  readonly sequence: number
  readonly entry: string
  readonly bytes: Uint8Array
  readonly previous: string
  readonly hash: string
}

const ROWS_AT_ONCE = 500

/** Reads the log from its beginning and computes every hash again; others have their turn meanwhile. */
export async function verifyAuditLog(database: Database): Promise<Verification> {
  let last: Link = { sequence: 0, hash: GENESIS }
  try {
    for (;;) {
      const rows = await readLinks(database, last.sequence)
      for (const row of rows) {
        const what = misfit(row, last)
        if (what !== undefined) return broken(last, what)
        last = { sequence: row.sequence, hash: linkHash(row.sequence, last.hash, row.bytes) }
      }
      if (rows.length === ROWS_AT_ONCE) await nextTurn()
      if (rows.length > 0) continue
      const end = await readEnd(database)
      // Events recorded since the last batch was read.
      if (end.newest !== null && end.newest > last.sequence) continue
      return atEnd(last, end)
    }
  } catch (error) {
    if (error instanceof DatabaseDamaged) return broken(last, `cannot be read: ${error.what}`)
    throw error
  }
}

function misfit(row: StoredLink, last: Link): string | undefined {
  const wanted = last.sequence + 1
  if (row.sequence !== wanted) return `is missing; event ${row.sequence} comes next`
  if (typeof row.entry !== 'string') return 'is not stored as text'
  if (row.previous !== last.hash) return 'names another hash for the event before it'
  if (row.hash !== linkHash(row.sequence, last.hash, row.bytes))
    return 'does not have the hash of what it says'
  return undefined
}

function atEnd(last: Link, end: { sequence: number | null; hash: string | null }): Verification {
  if (end.sequence === last.sequence && end.hash === last.hash) return { events: last.sequence }
  if (end.sequence === null)
    return broken(last, 'may be missing: the row that says where the log ends is gone')
  if (end.sequence > last.sequence)
    return broken(last, `is missing; the log ended with event ${end.sequence}`)
  return broken(last, `may be missing: the log's end was changed, it names event ${end.sequence}`)
}

function broken(last: Link, what: string): Verification {
  return { events: last.sequence, broken: { sequence: last.sequence + 1, what } }
}

function readLinks(database: Database, after: number): Promise<StoredLink[]> {
  return database.kysely
    .selectFrom('audit')
    .select(eb => ['sequence', 'entry', 'previous', 'hash', database.bytesOf(eb.ref('entry')).as('bytes')])
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(ROWS_AT_ONCE)
    .execute()
}

/** In one statement, so that both parts are of the same moment. */
async function readEnd({ kysely }: Database) {
  const newest = kysely.selectFrom('audit').select(eb => eb.fn.max('sequence').as('newest'))
  return await kysely
    .selectFrom(newest.as('log'))
    .leftJoin('audit_head', join => join.on('audit_head.id', '=', 1))
    .select(['log.newest', 'audit_head.sequence', 'audit_head.hash'])
    .executeTakeFirstOrThrow()
}
