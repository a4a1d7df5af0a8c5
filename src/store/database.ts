import type { AliasableExpression, Expression, Kysely, Transaction } from 'kysely'
import type { AuditEvent } from '../model/audit-event.ts'
import type { SchemaDialect } from './migrations/migration.ts'
import type { Tables } from './tables.ts'

export { DatabaseDamaged, StoreUnavailable } from '../engine/ports.ts'

/** All that differs between databases: every query is written once on top of this. */
export interface Database {
  /** Named in errors: the file, or the host and database. */
  readonly name: string
  readonly kysely: Kysely<Tables>
  readonly schema: SchemaDialect
  /** Waits until no other transaction that took a turn is open, here or in another process. */
  takeTurn(transaction: Transaction<Tables>): Promise<void>
  /** A text column's stored bytes: decoding could make two different byte strings look the same. */
  bytesOf(column: Expression<string>): AliasableExpression<Uint8Array>
  /** Tells every listener which events were recorded; call after the commit. */
  announce(events: readonly AuditEvent[]): void
  /** Returns how to stop. */
  listen(listener: (events: readonly AuditEvent[]) => void): () => void
  /** Copies itself into a new SQLite file while it goes on recording, where it can do so at once. */
  copyFile?(file: string): Promise<void>
  close(): Promise<void>
}
