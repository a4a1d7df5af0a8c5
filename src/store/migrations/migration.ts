import type { RawBuilder, Transaction } from 'kysely'
import type { Tables } from '../tables.ts'

/** The words in which databases differ when tables are made. */
export interface SchemaDialect {
  /** Holds every safe integer of JavaScript. */
  readonly integer: 'integer' | 'bigint'
  /** Compared and ordered byte by byte. */
  readonly text: 'text' | RawBuilder<unknown>
  /** The type of a primary key that counts up by itself and never gives a number twice. */
  readonly position: RawBuilder<unknown>
  /** Ends a table whose rows are stored by their primary key, with no byte in them that stands for nothing. */
  readonly byKey: RawBuilder<unknown>
  /** Statements after which rows are only ever added to the table, numbered 1, 2, 3 in `column`. */
  appendOnly(table: string, column: string): readonly RawBuilder<unknown>[]
  /** Statements after which a position counts on from the highest there is: for rows that came with their own. */
  countOn(table: string, column: string): readonly RawBuilder<unknown>[]
}

/** One step forward; once released, its file never changes. */
export interface Migration {
  readonly version: number
  readonly name: string
  /**
   * The oldest version whose programs go on working with the tables as they are afterwards, so that replicas can be
   * upgraded one by one: first widen, and narrow only when the programs before are gone.
   */
  readonly worksWith: number
  up(transaction: Transaction<Tables>, dialect: SchemaDialect): Promise<void>
}
