import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { SqliteDatabase, SqliteStatement } from 'kysely'

/** Texts vary with the number of rows and conditions only, so this many are never in use together. */
const MAXIMUM_PREPARED = 200

/** `node:sqlite` as Kysely wants it: each text is prepared once, errors are in words. */
export class NodeSqliteStatements implements SqliteDatabase {
  readonly #database: DatabaseSync
  readonly #explain: (error: unknown) => unknown
  readonly #prepared = new Map<string, SqliteStatement>()

  /** `explain` turns an error of SQLite into one for people. */
  constructor(database: DatabaseSync, explain: (error: unknown) => unknown) {
    this.#database = database
    this.#explain = explain
  }

  prepare(sql: string): SqliteStatement {
    const known = this.#prepared.get(sql)
    if (known !== undefined) return known
    const statement = this.#explained(() => this.#wrapped(this.#database.prepare(sql)))
    if (this.#prepared.size >= MAXIMUM_PREPARED) this.#prepared.clear()
    this.#prepared.set(sql, statement)
    return statement
  }

  close(): void {
    this.#prepared.clear()
    this.#database.close()
  }

  #wrapped(statement: StatementSync): SqliteStatement {
    return {
      reader: statement.columns().length > 0,
      all: values => this.#explained(() => statement.all(...values.map(bindable))),
      run: values => this.#explained(() => statement.run(...values.map(bindable))),
      iterate: values => this.#explained(() => statement.iterate(...values.map(bindable))),
    }
  }

  #explained<T>(run: () => T): T {
    try {
      return run()
    } catch (error) {
      throw this.#explain(error)
    }
  }
}

function bindable(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value
  if (typeof value === 'bigint' || value instanceof Uint8Array) return value
  throw new TypeError(`SQLite cannot hold a value of type ${typeof value}`)
}
