import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../engine/ports.ts'
import { UserError } from '../../model/user-error.ts'
import type { Database } from '../database.ts'
import { migrate } from '../migrate.ts'
import { MIGRATIONS } from '../migrations/all-migrations.ts'
import { createSqlStore } from '../sql-store.ts'
import { anEntry, aRelease } from '../store-fixtures.ts'
import { openSqliteDatabase } from './open-sqlite-database.ts'
import { openSqliteStore } from './open-sqlite-store.ts'

let folder = ''
let file = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-store-'))
  file = join(folder, 'state', 'sluice.db')
})
afterEach(() => rm(folder, { recursive: true }))

describe('files', () => {
  it('lets nobody else read any file of the store or its folder', async () => {
    const store = await openSqliteStore({ file })
    await store.record([], [anEntry()])
    const names = await readdir(join(folder, 'state'))
    expect(names.toSorted()).toEqual(['sluice.db', 'sluice.db-wal', 'sluice.db.lock', 'sluice.db.owner'])
    for (const name of names) expect((await stat(join(folder, 'state', name))).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'state'))).mode & 0o777).toBe(0o700)
    await store.close()
  })

  it('gives back after a restart what was recorded before it', async () => {
    const release = aRelease()
    const store = await openSqliteStore({ file })
    await store.record([{ kind: 'release', value: release }], [anEntry()])
    await store.close()
    const again = await openSqliteStore({ file })
    expect(await again.release(release.id)).toEqual(release)
    expect(await again.verifyAudit()).toEqual({ events: 1 })
    await again.close()
  })

  it('finishes what is under way before it closes, and closing twice is harmless', async () => {
    const store = await openSqliteStore({ file })
    const records = Array.from({ length: 10 }, () => store.record([], [anEntry()]))
    await Promise.all([store.close(), store.close()])
    await Promise.all(records)
    const again = await openSqliteStore({ file })
    expect(await again.lastSequence()).toBe(10)
    await again.close()
  })

  it('says that a file is no database, and leaves it as it is', async () => {
    await openSqliteStore({ file }).then(store => store.close())
    await writeFile(file, 'a shopping list'.repeat(1000))
    await expect(openSqliteStore({ file })).rejects.toThrow(/sluice\.db: is damaged or no database.*backup/)
    expect(await readFile(file, 'utf8')).toBe('a shopping list'.repeat(1000))
  })

  it('says why a folder cannot be used', async () => {
    await writeFile(join(folder, 'state'), '')
    await expect(openSqliteStore({ file })).rejects.toThrow(UserError)
  })
})

describe('when the disk fails', () => {
  let database: Database
  let store: Store

  beforeEach(async () => {
    database = openSqliteDatabase(file)
    await migrate(database, MIGRATIONS)
    store = createSqlStore(database)
    await store.record([], [anEntry()])
  })
  afterEach(() => store.close())

  it('says that the disk is full, keeps nothing half and goes on when there is space', async () => {
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(database.kysely)
    await setPragma('max_page_count', rows[0]?.page_count ?? 0)
    const release = aRelease(1, { secrets: { prod: { NAME: 'v'.repeat(100_000) } } })
    const refused = store.record([{ kind: 'release', value: release }], [anEntry()])
    await expect(refused).rejects.toThrow(/sluice\.db: the disk is full; free some space/)
    expect(await store.release(release.id)).toBeUndefined()
    expect(await store.verifyAudit()).toEqual({ events: 1 })
    await setPragma('max_page_count', 1_000_000)
    expect(await store.record([{ kind: 'release', value: release }], [anEntry()])).toBe('recorded')
  })

  it('says that the file cannot be written', async () => {
    await setPragma('query_only', 1)
    await expect(store.record([], [anEntry()])).rejects.toThrow(/sluice\.db: cannot be written/)
    expect(await store.lastSequence()).toBe(1)
    await setPragma('query_only', 0)
  })

  it('never hands out a release whose stored bytes were changed', async () => {
    const release = aRelease()
    await store.record([{ kind: 'release', value: release }], [])
    await sql`update releases set value = replace(value, 'bundle', 'bandle')`.execute(database.kysely)
    await expect(store.release(release.id)).rejects.toThrow(`release ${release.id} is damaged`)
    await expect(store.releases({ limit: 1 })).rejects.toThrow('is damaged')
  })

  async function setPragma(name: string, value: number): Promise<void> {
    await sql.raw(`pragma ${name} = ${value}`).execute(database.kysely)
  }
})

it('finds any byte of an event that changed in the file itself', async () => {
  const store = await openSqliteStore({ file })
  const entries = Array.from({ length: 5 }, (_, index) => anEntry({ message: `event number ${index}` }))
  await store.record([], entries)
  const events = await store.events(0, 5)
  await store.close()
  const whole = await readFile(file)
  const start = Math.min(...events.map(event => whole.indexOf(event.message)))
  const end = Math.max(...events.map(event => whole.indexOf(event.message)))
  const places = fc.record({
    at: fc.integer({ min: start, max: end }),
    mask: fc.integer({ min: 1, max: 255 }),
  })
  await fc.assert(
    fc.asyncProperty(places, async ({ at, mask }) => {
      const changed = Buffer.from(whole)
      changed[at] = (whole[at] ?? 0) ^ mask
      await writeFile(file, changed)
      const reopened = await openSqliteStore({ file })
      const verified = await reopened.verifyAudit()
      await reopened.close()
      expect(verified.broken).toBeDefined()
    }),
    { numRuns: 40 },
  )
})
