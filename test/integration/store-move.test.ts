import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { takeBackup } from '../../src/backup/write-backup.ts'
import { runCli } from '../../src/cli/testing/run-cli.ts'
import { recordEverything, rowsOf } from '../../src/store/copy-fixtures.ts'
import { copyStore } from '../../src/store/copy-store.ts'
import type { Database } from '../../src/store/database.ts'
import { migrate } from '../../src/store/migrate.ts'
import { MIGRATIONS } from '../../src/store/migrations/all-migrations.ts'
import { openPreparedPostgres } from '../../src/store/postgres/open-postgres-store.ts'
import { snapshotInto } from '../../src/store/snapshot.ts'
import { createSqlStore } from '../../src/store/sql-store.ts'
import { openSqliteDatabase } from '../../src/store/sqlite/open-sqlite-database.ts'
import { anEntry, aRelease } from '../../src/store/store-fixtures.ts'
import { needsPostgres, type Postgres, startPostgres } from '../harness/postgres.ts'

const BLUEPRINT =
  'project: shop\nservices:\n  web: { image: registry.example.com/web:1, ingress: true }\nenvironments:\n  dev: {}\n'

let postgres: Postgres
let folder = ''
let file = ''
let url = ''

describe.runIf(needsPostgres())('a store that moves', () => {
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.end())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-move-'))
    file = join(folder, '.sluice', 'sluice.db')
    await writeFile(join(folder, 'sluice.yaml'), BLUEPRINT)
    await mkdir(join(folder, '.sluice'), { mode: 0o700 })
    url = await postgres.createDatabase()
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('has every row in PostgreSQL and counts on there, and all of it again in SQLite', async () => {
    const before = await filledSqlite(file)
    const original = await rowsOf(before)
    const there = await openPreparedPostgres({ url })
    await copyStore({ from: before, to: there })
    expect(await rowsOf(there)).toEqual(original)
    const change = { kind: 'release', value: aRelease(10_000) } as const
    for (const database of [before, there]) await createSqlStore(database).record([change], [anEntry()])
    expect(await rowsOf(there)).toEqual(await rowsOf(before))
    const back = await newSqlite(join(folder, 'back.db'))
    await copyStore({ from: there, to: back })
    expect(await rowsOf(back)).toEqual(await rowsOf(before))
    for (const database of [before, there, back]) await database.close()
  })

  it('is copied as of one moment while others record', async () => {
    const there = await openPreparedPostgres({ url })
    const store = createSqlStore(there)
    await recordEverything(store, 300)
    const over = new AbortController()
    const recording = (async () => {
      for (let number = 1000; !over.signal.aborted; number += 1)
        await store.record(
          [{ kind: 'release', value: aRelease(number) }],
          [anEntry({ release: aRelease(number).id })],
        )
    })()
    const copy = join(folder, 'copy.db')
    await snapshotInto(there, copy)
    over.abort()
    await recording
    const database = openSqliteDatabase(copy)
    const copied = createSqlStore(database)
    const { events, broken } = await copied.verifyAudit()
    expect(broken).toBeUndefined()
    const releases = (await rowsOf(database))['releases'] ?? []
    // Everything was recorded with one event, so that any mixture of two moments shows.
    expect(releases).toHaveLength(events)
    await database.close()
    await there.close()
  })

  it('moves by command, and nobody starts on the old file; and back', async () => {
    const before = await filledSqlite(file)
    const { sequence } = await before.kysely
      .selectFrom('audit_head')
      .select('sequence')
      .executeTakeFirstOrThrow()
    await before.close()
    const environment = { DATABASE_URL: url }
    const move = (from: string, to: string) =>
      runCli(['store', 'migrate', '--from', from, '--to', to, '--json'], { folder, environment })
    const moved = await move('sqlite', 'postgres')
    expect(moved).toMatchObject({ code: 0 })
    expect(JSON.parse(moved.stdout)).toMatchObject({ from: file, events: sequence })
    const password = new URL(url).password
    expect(moved.stdout + moved.stderr).not.toContain(password)
    expect(() => openSqliteDatabase(file)).toThrow(/was moved to PostgreSQL.*set DATABASE_URL/)
    expect((await move('sqlite', 'postgres')).stdout).toContain('was moved to PostgreSQL')

    const store = createSqlStore(await openPreparedPostgres({ url }))
    expect((await store.verifyAudit()).broken).toBeUndefined()
    expect((await store.events(sequence, 1))[0]).toMatchObject({ kind: 'store.moved' })
    expect((await move('postgres', 'sqlite')).stdout).toContain('servers work with it')
    const epoch = await store.epoch()
    await store.close()

    expect(await move('postgres', 'sqlite')).toMatchObject({ code: 0 })
    const back = createSqlStore(openSqliteDatabase(file))
    expect(await back.verifyAudit()).toEqual({ events: sequence + 2 })
    expect(await back.epoch()).toBeGreaterThan(epoch)
    await back.close()
    const names = await readdir(join(folder, '.sluice'))
    expect(names.filter(name => /^sluice\.db\.until-[\dTZ-]+$/.test(name))).toHaveLength(1)
    expect(names).not.toContain('sluice.db.closed')
  })

  it('says what is missing, and touches nothing', async () => {
    const bare = await runCli(['store', 'migrate', '--from', 'sqlite', '--to', 'postgres'], { folder })
    expect(bare).toMatchObject({ code: 1 })
    expect(bare.stderr).toContain('DATABASE_URL: is not set')
    const environment = { DATABASE_URL: url }
    const none = await runCli(['store', 'migrate', '--from', 'sqlite', '--to', 'postgres'], {
      folder,
      environment,
    })
    expect(none.stderr).toContain('there is no store')
    await (await filledSqlite(file)).close()
    const full = createSqlStore(await openPreparedPostgres({ url }))
    await full.record([], [anEntry()])
    await full.close()
    const taken = await runCli(['store', 'migrate', '--from', 'sqlite', '--to', 'postgres'], {
      folder,
      environment,
    })
    expect(taken.stderr).toContain('is not empty: it has audit')
    await openSqliteDatabase(file).close()
  })

  it('is backed up from PostgreSQL and restored into an empty one', async () => {
    const environment = { DATABASE_URL: url }
    const there = await openPreparedPostgres({ url })
    await recordEverything(createSqlStore(there), 50)
    const original = await rowsOf(there)
    await there.close()
    expect(await runCli(['backup', 'b.tar'], { folder, environment })).toMatchObject({ code: 0 })
    const occupied = await runCli(['restore', 'b.tar'], { folder, environment })
    expect(occupied.stderr).toContain('is not empty')
    const fresh = await postgres.createDatabase()
    const restored = await runCli(['restore', 'b.tar'], { folder, environment: { DATABASE_URL: fresh } })
    expect(restored).toMatchObject({ code: 0 })
    const copy = await openPreparedPostgres({ url: fresh })
    const rows = await rowsOf(copy)
    for (const table of ['releases', 'checks', 'approvals', 'promotions', 'rollouts', 'freezes', 'tokens'])
      expect(rows[table]).toEqual(original[table])
    expect((await createSqlStore(copy).verifyAudit()).broken).toBeUndefined()
    await copy.close()
  })

  it('comes out of a backup of the embedded store as well', async () => {
    const database = await filledSqlite(file)
    const original = await rowsOf(database)
    const backup = await takeBackup({
      stateFolder: join(folder, '.sluice'),
      snapshotInto: copy => snapshotInto(database, copy),
      hasArtifacts: true,
      version: '1.2.3',
      now: Date.now,
    })
    await pipeline(backup.content, createWriteStream(join(folder, 'b.tar')))
    await database.close()
    const restored = await runCli(['restore', 'b.tar'], { folder, environment: { DATABASE_URL: url } })
    expect(restored).toMatchObject({ code: 0 })
    const there = await openPreparedPostgres({ url })
    expect((await rowsOf(there))['rollouts']).toEqual(original['rollouts'])
    await there.close()
    await openSqliteDatabase(file).close()
  })
})

async function newSqlite(path: string): Promise<Database> {
  const database = openSqliteDatabase(path)
  await migrate(database, MIGRATIONS)
  return database
}

async function filledSqlite(path: string): Promise<Database> {
  const database = await newSqlite(path)
  await recordEverything(createSqlStore(database), 250)
  return database
}
