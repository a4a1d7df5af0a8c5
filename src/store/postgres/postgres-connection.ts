import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import type { PoolClient } from 'pg'
import { explainPostgresError, isLost } from './postgres-errors.ts'

/** Takes a connection of the pool when it is first needed. */
export class PostgresConnection implements DatabaseConnection {
  readonly #name: string
  readonly #connect: () => Promise<PoolClient>
  #client: PoolClient | undefined
  #isBroken = false
  #released: (() => void) | undefined

  constructor(name: string, connect: () => Promise<PoolClient>) {
    this.#name = name
    this.#connect = connect
  }

  get client(): PoolClient | undefined {
    return this.#client
  }

  get isBroken(): boolean {
    return this.#isBroken
  }

  giveUp(): void {
    this.#isBroken = true
  }

  onRelease(call: () => void): void {
    this.#released = call
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
    this.#client?.release(this.#isBroken)
    this.#released?.()
  }

  async #run({ sql, parameters }: CompiledQuery) {
    try {
      this.#client ??= await this.#connect()
      return await this.#client.query(sql, [...parameters])
    } catch (error) {
      if (isLost(error)) this.#isBroken = true
      throw explainPostgresError(this.#name, error)
    }
  }
}
