import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { UserError } from '../model/user-error.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import { MIGRATIONS } from './migrations/all-migrations.ts'
import type { Migration } from './migrations/migration.ts'
import { openMemoryDatabase } from './sqlite/open-sqlite-database.ts'

let database: Database

beforeEach(() => {
  database = openMemoryDatabase()
})
afterEach(() => database.close())

it('applies what is missing, once, in order', async () => {
  await migrate(database, [aMigration(1)])
  await migrate(database, [aMigration(1), aMigration(2), aMigration(3)])
  await migrate(database, [aMigration(1), aMigration(2), aMigration(3)])
  expect(await versions()).toEqual([1, 2, 3])
  expect(await tables()).toEqual(['schema_versions', 'table_1', 'table_2', 'table_3'])
})

it('refuses a database that a newer program wrote, and leaves it as it is', async () => {
  await migrate(database, [aMigration(1), aMigration(2)])
  const refused = migrate(database, [aMigration(1)])
  await expect(refused).rejects.toThrow(UserError)
  await expect(refused).rejects.toThrow(/newer Sluice \(tables of version 2; this one knows 1\); start that/)
  expect(await versions()).toEqual([1, 2])
})

it('applies all or nothing', async () => {
  const failing: Migration = { ...aMigration(2), up: () => Promise.reject(new Error('no')) }
  await expect(migrate(database, [aMigration(1), failing])).rejects.toThrow('no')
  expect(await tables()).toEqual([])
})

it('has migrations numbered 1, 2, 3 without a gap', () => {
  expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1))
})

it('works with what a newer program wrote where that one says so, and changes nothing about it', async () => {
  await migrate(database, [aMigration(1), { ...aMigration(2), worksWith: 1 }])
  await migrate(database, [aMigration(1)])
  expect(await versions()).toEqual([1, 2])
  await migrate(database, [aMigration(1), { ...aMigration(2), worksWith: 1 }, aMigration(3)])
  await expect(migrate(database, [aMigration(1)])).rejects.toThrow('tables of version 3')
})

function aMigration(version: number): Migration {
  return {
    version,
    name: `table ${version}`,
    worksWith: version,
    up: transaction =>
      transaction.schema.createTable(`table_${version}`).addColumn('id', 'integer').execute(),
  }
}

async function versions(): Promise<number[]> {
  const rows = await database.kysely
    .selectFrom('schema_versions')
    .select('version')
    .orderBy('version')
    .execute()
  return rows.map(({ version }) => version)
}

async function tables(): Promise<string[]> {
  const query = sql<{ name: string }>`select name from sqlite_master where type = 'table' order by name`
  return (await query.execute(database.kysely)).rows.map(({ name }) => name)
}
