import { DatabaseSync } from 'node:sqlite'
import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely'
import { Announcements } from '../announcements.ts'
import type { Database } from '../database.ts'
import type { Tables } from '../tables.ts'
import { refuseClosedOff } from './closed-off.ts'
import { copyWhileRecording } from './copy-while-recording.ts'
import { NodeSqliteDriver } from './node-sqlite-driver.ts'
import { inUse, signAsOwner, takeOwnership } from './ownership.ts'
import { createPrivateFile } from './private-file.ts'
import { explainSqliteError, isBusy } from './sqlite-errors.ts'
import { sqliteSchema } from './sqlite-schema.ts'

/** Opens the file as its only owner and creates it when it is missing; the tables are left to `migrate`. */
export function openSqliteDatabase(file: string): Database {
  const undo = new DisposableStack()
  try {
    undo.defer(takeOwnership(file))
    refuseClosedOff(file)
    createPrivateFile(file)
    const connection = undo.adopt(connect(file), closeOnce)
    undo.defer(signAsOwner(file))
    return asDatabase(file, connection, undo)
  } catch (error) {
    undo.dispose()
    throw isBusy(error) ? inUse(file) : explainSqliteError(file, error)
  }
}

/** Keeps everybody else from opening the database of a file, whether it is there or not; returns how to let go. */
export function ownFile(file: string): () => void {
  try {
    return takeOwnership(file)
  } catch (error) {
    throw isBusy(error) ? inUse(file) : explainSqliteError(file, error)
  }
}

/** A database that ends with the process. */
export function openMemoryDatabase(): Database {
  const undo = new DisposableStack()
  return asDatabase('memory', undo.adopt(connect(':memory:'), closeOnce), undo)
}

/** Kysely has closed it already, unless nothing was asked of it. */
function closeOnce(connection: DatabaseSync): void {
  if (connection.isOpen) connection.close()
}

function connect(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 1000, enableForeignKeyConstraints: true })
  try {
    // Keeps out those who miss the lock of `takeOwnership`: other programs, or a Sluice after its file was deleted.
    database.exec('pragma locking_mode = exclusive')
    database.exec('pragma journal_mode = wal')
    database.exec('pragma synchronous = full')
    // The audit log's triggers also hold against `insert or replace`.
    database.exec('pragma recursive_triggers = on')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function asDatabase(name: string, connection: DatabaseSync, undo: DisposableStack): Database {
  const announcements = new Announcements()
  const kysely = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new NodeSqliteDriver(connection, error => explainSqliteError(name, error)),
      createIntrospector: db => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })
  return {
    name,
    kysely,
    schema: sqliteSchema,
    // There is one connection and its transactions already take turns.
    takeTurn: async () => {},
    bytesOf: column => sql<Uint8Array>`cast(${column} as blob)`,
    announce: events => announcements.announce(events),
    listen: listener => announcements.listen(listener),
    copyFile: file => copyWhileRecording({ kysely, connection, file }),
    close: async () => {
      try {
        await kysely.destroy()
      } finally {
        undo.dispose()
      }
    },
  }
}
