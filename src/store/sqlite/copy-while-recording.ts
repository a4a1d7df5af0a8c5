import { backup, type DatabaseSync } from 'node:sqlite'
import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'
import { createPrivateFile } from './private-file.ts'
import { explainSqliteError } from './sqlite-errors.ts'

/** Copied in one go, while records wait; they come in between. 64 pages are a quarter of a megabyte. */
const PAGES_AT_ONCE = 64

/**
 * Copies the database into a new file. The copy is of the moment when it ends: what is recorded meanwhile is brought
 * into it by SQLite itself ("Online Backup API": a source that is changed through the same connection).
 */
export async function copyWhileRecording(o: {
  readonly kysely: Kysely<Tables>
  readonly connection: DatabaseSync
  readonly file: string
}): Promise<void> {
  const { kysely, connection, file } = o
  try {
    createPrivateFile(file)
    let copied: Promise<unknown> = Promise.resolve()
    // A transaction in the way lets a later step wait, but fails the first one (node:sqlite): nobody has one until then.
    await kysely.connection().execute(async () => {
      const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
      copied = backup(connection, file, { rate: PAGES_AT_ONCE, progress: () => begin() })
      await Promise.race([begun, copied])
    })
    await copied
  } catch (error) {
    throw explainSqliteError(file, error)
  }
}
