import type { Digest } from '../model/digest.ts'
import { auditHead } from '../store/audit-log.ts'
import { verifyAuditLog } from '../store/audit-verification.ts'
import { brokenChain } from '../store/copy-store.ts'
import { migrate } from '../store/migrate.ts'
import { MIGRATIONS } from '../store/migrations/all-migrations.ts'
import { openSqliteDatabase } from '../store/sqlite/open-sqlite-database.ts'

/** Where an audit log ends. */
export interface AuditEnd {
  readonly events: number
  readonly hash: Digest
}

export async function readAuditEnd(file: string): Promise<AuditEnd> {
  const database = openSqliteDatabase(file)
  try {
    const { sequence: events, hash } = await auditHead(database.kysely)
    return { events, hash }
  } finally {
    await database.close()
  }
}

/** Reads the whole audit log of the store in a file, bringing its tables up to date. A `UserError` where it is broken. */
export async function verifyStoreFile(file: string): Promise<void> {
  const database = openSqliteDatabase(file)
  try {
    await migrate(database, MIGRATIONS)
    const { broken } = await verifyAuditLog(database)
    if (broken !== undefined) throw brokenChain(file, broken)
  } finally {
    await database.close()
  }
}
