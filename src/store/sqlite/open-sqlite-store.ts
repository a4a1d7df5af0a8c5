import type { Database } from '../database.ts'
import { migrate } from '../migrate.ts'
import { MIGRATIONS } from '../migrations/all-migrations.ts'
import { createSqlStore, type SqlStore } from '../sql-store.ts'
import { openMemoryDatabase, openSqliteDatabase } from './open-sqlite-database.ts'

/**
 * The embedded store: one file, owned by one process. Creates the file and its folder, and brings older tables up to
 * date. Fails with a `UserError` when another process has it, a newer Sluice wrote it, or the disk does not allow it.
 */
export async function openSqliteStore(options: { readonly file: string }): Promise<SqlStore> {
  return await prepared(openSqliteDatabase(options.file))
}

/** The same store without a file: for tests and rehearsals, gone when it is closed. */
export async function openMemoryStore(): Promise<SqlStore> {
  return await prepared(openMemoryDatabase())
}

async function prepared(database: Database): Promise<SqlStore> {
  try {
    await migrate(database, MIGRATIONS)
    return createSqlStore(database)
  } catch (error) {
    await database.close()
    throw error
  }
}
