import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordEverything, rowsOf } from './copy-fixtures.ts'
import { copyStore } from './copy-store.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import { MIGRATIONS } from './migrations/all-migrations.ts'
import { createSqlStore } from './sql-store.ts'
import { openMemoryDatabase } from './sqlite/open-sqlite-database.ts'
import { anEntry, aRelease } from './store-fixtures.ts'

let from: Database
let to: Database

beforeEach(async () => {
  from = openMemoryDatabase()
  to = openMemoryDatabase()
  await migrate(from, MIGRATIONS)
  await migrate(to, MIGRATIONS)
  await recordEverything(createSqlStore(from), 450)
})
afterEach(async () => {
  await from.close()
  await to.close()
})

describe('a copy of a store', () => {
  it('has every row of every table, and the chain holds', async () => {
    const told: (readonly [number, number])[] = []
    const events = await copyStore({ from, to, tell: (rows, all) => told.push([rows, all]) })
    expect(await rowsOf(to)).toEqual(await rowsOf(from))
    expect(await createSqlStore(to).verifyAudit()).toEqual({ events })
    const [rows, all] = told.at(-1) ?? []
    expect(rows).toBe(all)
  })

  it('counts on where the source was', async () => {
    await copyStore({ from, to })
    const change = { kind: 'release', value: aRelease(10_000) } as const
    await createSqlStore(from).record([change], [anEntry()])
    await createSqlStore(to).record([change], [anEntry()])
    expect(await rowsOf(to)).toEqual(await rowsOf(from))
  })

  it('that takes the place of the source goes before it, holds no lease and says why', async () => {
    const source = createSqlStore(from)
    const epoch = await source.epoch()
    const entry = anEntry({ kind: 'store.moved', message: 'moved' })
    await copyStore({ from, to, anew: { now: 1, entry } })
    const target = createSqlStore(to)
    expect(await target.epoch()).toBe(epoch + 1)
    const before = await from.kysely.selectFrom('leases').selectAll().execute()
    const after = await to.kysely.selectFrom('leases').selectAll().execute()
    expect(before.some(({ owner }) => owner !== null)).toBe(true)
    expect(after).toEqual(before.map(lease => ({ ...lease, owner: null })))
    expect((await target.events(await source.lastSequence(), 2)).map(({ kind }) => kind)).toEqual([
      'store.moved',
    ])
    expect((await target.verifyAudit()).broken).toBeUndefined()
  })

  it('is refused where there is something already, and that stays as it is', async () => {
    await createSqlStore(to).record([], [anEntry()])
    const before = await rowsOf(to)
    await expect(copyStore({ from, to })).rejects.toThrow('is not empty: it has audit')
    expect(await rowsOf(to)).toEqual(before)
  })

  it('is refused where an event of the source was changed, and nothing is kept', async () => {
    const before = await rowsOf(to)
    await sql`drop trigger audit_no_update`.execute(from.kysely)
    await sql`update audit set entry = entry || ' ' where sequence = 300`.execute(from.kysely)
    await expect(copyStore({ from, to })).rejects.toThrow(/audit log that was changed: event 300/)
    expect(await rowsOf(to)).toEqual(before)
  })

  it('is refused between tables of different versions', async () => {
    const older = openMemoryDatabase()
    await migrate(older, MIGRATIONS.slice(0, -1))
    await expect(copyStore({ from: older, to })).rejects.toThrow(
      /has tables of version \d+, and those of memory/,
    )
    await older.close()
  })
})
