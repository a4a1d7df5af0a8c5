import { sql } from 'kysely'
import { UserError } from '../../model/user-error.ts'
import type { Database } from '../database.ts'
import { migrate } from '../migrate.ts'
import { MIGRATIONS } from '../migrations/all-migrations.ts'
import { createSqlStore, type SqlStore } from '../sql-store.ts'
import { openPostgresDatabase, type PostgresOptions } from './open-postgres-database.ts'

/**
 * The store on PostgreSQL, which several servers may share; makes its tables or brings them up to date. Fails with
 * `StoreUnavailable` while the database does not answer, and with a `UserError` where a person has to mend something.
 */
export async function openPostgresStore(options: PostgresOptions): Promise<SqlStore> {
  return createSqlStore(await openPreparedPostgres(options))
}

/** The database of such a store. */
export async function openPreparedPostgres(options: PostgresOptions): Promise<Database> {
  const database = await openPostgresDatabase(options)
  try {
    await refuseForeignTables(database)
    await migrate(database, MIGRATIONS)
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

/** DATABASE_URL is a name that many programs look at: an application's database must not become Sluice's by mistake. */
async function refuseForeignTables({ name, kysely }: Database): Promise<void> {
  const { rows } = await sql<{ readonly name: string }>`select tablename as name from pg_tables
    where schemaname = current_schema() order by tablename`.execute(kysely)
  const [first] = rows
  if (first === undefined || rows.some(table => table.name === 'schema_versions')) return
  throw new UserError(
    name,
    `holds tables of something else, such as ${first.name}`,
    'give Sluice a database of its own, or a schema: add options=-csearch_path%3DSCHEMA to DATABASE_URL',
  )
}
