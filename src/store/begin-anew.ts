import type { Kysely } from 'kysely'
import type { AuditEntry } from '../model/audit-event.ts'
import type { Instant } from '../model/instant.ts'
import { appendEntries } from './audit-log.ts'
import { readEpoch } from './epoch.ts'
import type { Tables } from './tables.ts'

/**
 * Makes a copy or a restored backup the store in force: its epoch goes before that of the store it came from, so that
 * targets obey it and no server that still works with the other one; nobody holds a lease; and the log says why.
 * Call in a transaction that took its turn.
 */
export async function beginAnew(
  db: Kysely<Tables>,
  { now, entry }: { readonly now: Instant; readonly entry: AuditEntry },
): Promise<void> {
  const epoch = Math.max(now, (await readEpoch(db)) + 1)
  await db.updateTable('epoch').set({ epoch }).where('id', '=', 1).execute()
  await db.updateTable('leases').set({ owner: null }).execute()
  await appendEntries(db, [entry])
}
