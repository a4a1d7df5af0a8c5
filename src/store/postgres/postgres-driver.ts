import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  type TransactionSettings,
} from 'kysely'
import type { Pool, PoolClient } from 'pg'
import { StoreUnavailable } from '../database.ts'
import { explainPostgresError, isLost } from './postgres-errors.ts'

const CLOSE_MILLISECONDS = 3000

/** Asked of every new connection: which process of PostgreSQL it is, and that what is committed is on the disk. */
const INTRODUCTION = `select pg_backend_pid() as backend, set_config('synchronous_commit',
  case current_setting('synchronous_commit') when 'off' then 'on' else current_setting('synchronous_commit') end, false)`

export interface DriverParts {
  /** Of the database, in errors. */
  readonly name: string
  readonly pool: Pool
  /** Called when nobody knows whether a transaction was committed. */
  readonly onLostCommit: () => void
}

/** Kysely on a pool of `pg`: errors are in words, and a connection that failed is not used again. */
export class PostgresDriver implements Driver {
  readonly #parts: DriverParts
  readonly #backends = new Map<PoolClient, number>()

  constructor(parts: DriverParts) {
    this.#parts = parts
    // The pool drops a connection that fails while nobody uses it; whoever uses one is told by its query.
    parts.pool.on('error', () => undefined)
    parts.pool.on('connect', client => client.on('error', () => undefined))
    parts.pool.on('remove', client => this.#backends.delete(client))
  }

  /** Whether a process of PostgreSQL works for this driver. */
  owns(backend: number): boolean {
    return [...this.#backends.values()].includes(backend)
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PostgresConnection> {
    const { name, pool } = this.#parts
    let client: PoolClient
    try {
      client = await pool.connect()
    } catch (error) {
      throw explainPostgresError(name, error)
    }
    const connection = new PostgresConnection(name, client)
    if (!this.#backends.has(client)) await this.#introduce(connection)
    return connection
  }

  async #introduce(connection: PostgresConnection): Promise<void> {
    try {
      const { rows } = await connection.executeQuery<Introduction>(CompiledQuery.raw(INTRODUCTION))
      for (const { backend } of rows) this.#backends.set(connection.client, backend)
    } catch (error) {
      connection.giveUp()
      connection.release()
      throw error
    }
  }

  /** Others settle who is first by a lock (`takeTurn`), after which each statement must see what was just committed. */
  async beginTransaction(connection: PostgresConnection, settings: TransactionSettings): Promise<void> {
    const level = settings.isolationLevel ?? 'read committed'
    await connection.executeQuery(CompiledQuery.raw(`begin isolation level ${level}`))
  }

  /**
   * A connection that ends before the answer leaves open whether the transaction is kept. Neither is claimed: whoever
   * asked is told so, and looks at what is kept before going on. For the engine that is what it does after any failure,
   * as after a crash between a record and its act; versions and leases refuse whatever it would do twice.
   */
  async commitTransaction(connection: PostgresConnection): Promise<void> {
    try {
      const answer = await connection.ask(CompiledQuery.raw('commit'))
      if (answer !== 'COMMIT') throw new Error('the transaction had failed before, and was not kept')
    } catch (error) {
      if (!connection.isBroken) throw error
      // Its notification may have been taken for one that the listeners know of: from now on it is anybody's.
      this.#backends.delete(connection.client)
      this.#parts.onLostCommit()
      throw new StoreUnavailable(this.#parts.name, {
        what: 'went away before it said whether something is recorded',
        remedy: 'look whether it is, when the database is back',
        outcome: 'unknown',
      })
    }
  }

  /** Without a connection PostgreSQL rolls back by itself; asking for it would hide the first error. */
  async rollbackTransaction(connection: PostgresConnection): Promise<void> {
    if (connection.isBroken) return
    await connection.executeQuery(CompiledQuery.raw('rollback')).catch(() => connection.giveUp())
  }

  async releaseConnection(connection: PostgresConnection): Promise<void> {
    connection.release()
  }

  /** Lets what is under way finish, but does not wait for a database that does not answer. */
  async destroy(): Promise<void> {
    const giveUp = setTimeout(() => {
      for (const client of this.#backends.keys()) client.connection.stream.destroy()
    }, CLOSE_MILLISECONDS)
    await this.#parts.pool.end()
    clearTimeout(giveUp)
  }
}

interface Introduction {
  readonly backend: number
}

class PostgresConnection implements DatabaseConnection {
  readonly client: PoolClient
  readonly #name: string
  #isBroken = false

  constructor(name: string, client: PoolClient) {
    this.#name = name
    this.client = client
  }

  get isBroken(): boolean {
    return this.#isBroken
  }

  giveUp(): void {
    this.#isBroken = true
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { command, rowCount, rows } = await this.#run(query)
    const changed = ['INSERT', 'UPDATE', 'DELETE', 'MERGE'].includes(command)
    return changed ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows }
  }

  /** The word for what was done. */
  async ask(query: CompiledQuery): Promise<string> {
    return (await this.#run(query)).command
  }

  streamQuery(): never {
    throw new Error('nothing here is read as a stream')
  }

  release(): void {
    this.client.release(this.#isBroken)
  }

  async #run({ sql, parameters }: CompiledQuery) {
    try {
      return await this.client.query(sql, [...parameters])
    } catch (error) {
      if (isLost(error)) this.#isBroken = true
      throw explainPostgresError(this.#name, error)
    }
  }
}
