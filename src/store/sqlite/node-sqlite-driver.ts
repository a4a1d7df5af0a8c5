import type { DatabaseSync } from 'node:sqlite'
import { CompiledQuery, type DatabaseConnection, SqliteDriver } from 'kysely'
import { FairTurns } from './fair-turns.ts'
import { NodeSqliteStatements } from './node-sqlite-statements.ts'

/** One connection, lent to one transaction or query at a time. */
export class NodeSqliteDriver extends SqliteDriver {
  readonly #database: DatabaseSync
  readonly #turns = new FairTurns()

  constructor(database: DatabaseSync, explain: (error: unknown) => unknown) {
    super({ database: new NodeSqliteStatements(database, explain) })
    this.#database = database
  }

  /** Kysely's own line wakes everybody in it whenever one is done, and that time grows with the square of its length. */
  override async acquireConnection(): Promise<DatabaseConnection> {
    await this.#turns.take()
    return await super.acquireConnection()
  }

  override async releaseConnection(): Promise<void> {
    await super.releaseConnection()
    this.#turns.giveBack()
  }

  /** `immediate`: waiting for the right to write must come before reading, or what was read may be out of date. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  /** SQLite has rolled back by itself after some errors, such as a full disk; asking again would hide the error. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.isTransaction) await super.rollbackTransaction(connection)
  }

  /** Lets what is under way finish first. */
  override async destroy(): Promise<void> {
    await this.acquireConnection()
    await super.destroy()
    await this.releaseConnection()
  }
}
