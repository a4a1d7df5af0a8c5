import { type RawBuilder, sql } from 'kysely'
import type { SchemaDialect } from '../migrations/migration.ts'

export const sqliteSchema: SchemaDialect = {
  integer: 'integer',
  text: 'text',
  position: sql`integer primary key autoincrement`,
  byKey: sql`without rowid`,
  appendOnly: (table, column) => [
    refuse(table, { when: 'insert', unless: unlessNext(table, column) }),
    refuse(table, { when: 'update' }),
    refuse(table, { when: 'delete' }),
  ],
  // `autoincrement` counts on by itself.
  countOn: () => [],
}

function refuse(
  table: string,
  rule: { readonly when: 'insert' | 'update' | 'delete'; readonly unless?: RawBuilder<unknown> },
): RawBuilder<unknown> {
  const condition = rule.unless === undefined ? sql`` : sql`when not (${rule.unless})`
  const message = sql.lit(`${table} is only ever added to`)
  return sql`create trigger ${sql.ref(`${table}_no_${rule.when}`)} before ${sql.raw(rule.when)} on ${sql.table(table)}
    ${condition} begin select raise(abort, ${message}); end`
}

function unlessNext(table: string, column: string): RawBuilder<unknown> {
  const next = sql`(select coalesce(max(${sql.ref(column)}), 0) + 1 from ${sql.table(table)})`
  return sql`new.${sql.ref(column)} = ${next}`
}
