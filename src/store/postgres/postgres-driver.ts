import { CompiledQuery, type Driver, type TransactionSettings } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import { StoreUnavailable } from '../database.ts'
import { Places } from './places.ts'
import { PostgresConnection } from './postgres-connection.ts'
import { away } from './postgres-errors.ts'

/** Transactions wait for each other's turns: the other connections are left to those who only read, and to leases. */
const TRANSACTIONS_AT_ONCE = 4
const PATIENCE_MILLISECONDS = 10_000
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
  readonly #places = new Places(TRANSACTIONS_AT_ONCE)

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
    return new PostgresConnection(this.#parts.name, () => this.#connect())
  }

  /** Others settle who is first by a lock (`takeTurn`), after which each statement must see what was just committed. */
  async beginTransaction(connection: PostgresConnection, settings: TransactionSettings): Promise<void> {
    if (!(await this.#places.take(PATIENCE_MILLISECONDS)))
      throw away(this.#parts.name, 'has too much to record at the moment')
    connection.onRelease(() => this.#places.giveBack())
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
      if (connection.client !== undefined) this.#backends.delete(connection.client)
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

  async #connect(): Promise<PoolClient> {
    const client = await this.#parts.pool.connect()
    if (this.#backends.has(client)) return client
    try {
      const { rows } = await client.query<{ readonly backend: number }>(INTRODUCTION)
      for (const { backend } of rows) this.#backends.set(client, backend)
      return client
    } catch (error) {
      client.release(true)
      throw error
    }
  }
}
