import { copyStore } from './copy-store.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import { MIGRATIONS } from './migrations/all-migrations.ts'
import { openSqliteDatabase } from './sqlite/open-sqlite-database.ts'

/**
 * Copies the whole store, as of one moment, into a new SQLite file, while others go on recording. On a failure what
 * there is of the file is of no use.
 */
export async function snapshotInto(database: Database, file: string): Promise<void> {
  if (database.copyFile !== undefined) return await database.copyFile(file)
  const copy = openSqliteDatabase(file)
  try {
    await migrate(copy, MIGRATIONS)
    await copyStore({ from: database, to: copy })
  } finally {
    await copy.close()
  }
}
