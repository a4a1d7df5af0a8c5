import type { Kysely } from 'kysely'
import { UserError } from '../model/user-error.ts'
import type { Database } from './database.ts'
import type { Migration } from './migrations/migration.ts'
import type { Tables } from './tables.ts'

/** Brings the tables up to date in one transaction, one program at a time: all of it happens or nothing. */
export async function migrate(database: Database, migrations: readonly Migration[]): Promise<void> {
  await database.kysely.transaction().execute(async transaction => {
    await database.takeTurn(transaction)
    await createVersionTable(transaction, database)
    const stored = await transaction.selectFrom('schema_versions').selectAll().orderBy('version').execute()
    const newest = migrations.at(-1)?.version ?? 0
    const present = stored.at(-1)?.version ?? 0
    const needed = Math.max(0, ...stored.map(({ works_with }) => works_with))
    if (present > newest && needed > newest) throw tooNew(database.name, { present, newest })
    for (const migration of migrations.filter(({ version }) => version > present)) {
      await migration.up(transaction, database.schema)
      const { version, name, worksWith } = migration
      await transaction
        .insertInto('schema_versions')
        .values({ version, name, applied_at: Date.now(), works_with: worksWith })
        .execute()
    }
  })
}

async function createVersionTable(db: Kysely<Tables>, { schema }: Database): Promise<void> {
  await db.schema
    .createTable('schema_versions')
    .ifNotExists()
    .addColumn('version', schema.integer, column => column.primaryKey())
    .addColumn('name', schema.text, column => column.notNull())
    .addColumn('applied_at', schema.integer, column => column.notNull())
    .execute()
  const tables = await db.introspection.getTables()
  const columns = tables.find(({ name }) => name === 'schema_versions')?.columns ?? []
  if (columns.some(({ name }) => name === 'works_with')) return
  await db.schema
    .alterTable('schema_versions')
    .addColumn('works_with', schema.integer, column => column.notNull().defaultTo(1))
    .execute()
}

function tooNew(where: string, versions: { readonly present: number; readonly newest: number }): UserError {
  const { present, newest } = versions
  return new UserError(
    where,
    `was written by a newer Sluice (tables of version ${present}; this one knows ${newest})`,
    'start that Sluice or a later one, or restore the backup from before the upgrade',
  )
}
