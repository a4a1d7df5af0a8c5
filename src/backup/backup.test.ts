import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { sql } from 'kysely'
import { extract, type Header, pack } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { openArtifactStore } from '../artifacts/content-store.ts'
import { sha256 } from '../model/sha256.ts'
import { openEmbeddedSecrets } from '../secrets/embedded/embedded-secrets.ts'
import { recordEverything, rowsOf } from '../store/copy-fixtures.ts'
import { migrate } from '../store/migrate.ts'
import { MIGRATIONS } from '../store/migrations/all-migrations.ts'
import { snapshotInto } from '../store/snapshot.ts'
import { createSqlStore } from '../store/sql-store.ts'
import { openSqliteDatabase } from '../store/sqlite/open-sqlite-database.ts'
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts'
import { anEntry } from '../store/store-fixtures.ts'
import { checkBackup } from './check-backup.ts'
import type { Manifest } from './manifest.ts'
import { type Restoring, restoreBackup } from './restore-backup.ts'
import { takeBackup } from './write-backup.ts'

const BUNDLE = 'a bundle'
const NOW = 2_000_000_000_000

let folder = ''
let state = ''
let other = ''
let file = ''
let manifest: Manifest

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-backup-'))
  state = join(folder, 'one', '.sluice')
  other = join(folder, 'two', '.sluice')
  file = join(folder, 'backup.tar')
  const database = openSqliteDatabase(join(state, 'sluice.db'))
  await migrate(database, MIGRATIONS)
  await recordEverything(createSqlStore(database), 30)
  const secrets = await secretsOf(state)
  await secrets.write('prod', 'DB_PASSWORD', 'hunter2')
  await secrets.write('prod', 'DB_PASSWORD', 'hunter3')
  const artifacts = await openArtifactStore(join(state, 'artifacts'))
  await artifacts.put(sha256(BUNDLE), Readable.from([Buffer.from(BUNDLE)]), { maxBytes: 1000 })
  const backup = await takeBackup({
    stateFolder: state,
    snapshotInto: copy => snapshotInto(database, copy),
    hasArtifacts: true,
    version: '1.2.3',
    now: () => 1_900_000_000_000,
  })
  manifest = backup.manifest
  await pipeline(backup.content, createWriteStream(file))
  await database.close()
})
afterEach(() => rm(folder, { recursive: true }))

const restore = (changes: Partial<Restoring> = {}) =>
  restoreBackup({
    file,
    stateFolder: other,
    mayReplace: false,
    actor: 'ada',
    now: NOW,
    signal: new AbortController().signal,
    tell: () => undefined,
    ...changes,
  })

describe('a backup', () => {
  it('says what is in it, keeps no key and leaves nothing behind', async () => {
    expect(manifest.entries.map(({ path }) => path)).toEqual([
      'sluice.db',
      'secrets/prod/%44%42_%50%41%53%53%57%4F%52%44/v1',
      'secrets/prod/%44%42_%50%41%53%53%57%4F%52%44/v2',
      `artifacts/sha256/${sha256(BUNDLE).slice('sha256:'.length)}`,
    ])
    const bytes = await readFile(file)
    expect(bytes.includes(await readFile(join(state, 'secrets.key')))).toBe(false)
    expect((await readdir(state)).filter(name => name.startsWith('backup-'))).toEqual([])
  })

  it('leaves nothing behind either where nobody ever read it', async () => {
    const store = await openSqliteStore({ file: join(state, 'sluice.db') })
    onTestFinished(() => store.close())
    const { content } = await takeBackup({
      stateFolder: state,
      snapshotInto: store.snapshotInto,
      hasArtifacts: false,
      version: '1.2.3',
      now: () => NOW,
    })
    content.destroy()
    await once(content, 'close')
    expect((await readdir(state)).filter(name => name.startsWith('backup-'))).toEqual([])
  })

  it('is checked without leaving anything behind', async () => {
    const before = await readdir(folder)
    expect(await checkBackup({ file, signal: new AbortController().signal, tell: () => undefined })).toEqual(
      manifest,
    )
    expect(await readdir(folder)).toEqual(before)
  })
})

describe('a restore', () => {
  it('brings back every row, secret and artifact, in force before the store that was backed up', async () => {
    const { key, aside } = await restore({ keyFile: join(state, 'secrets.key') })
    expect({ key, aside }).toEqual({ key: 'present', aside: undefined })
    const secrets = await secretsOf(other)
    expect(await secrets.read('prod', 'DB_PASSWORD', 'v1')).toBe('hunter2')
    expect(await secrets.currentVersion('prod', 'DB_PASSWORD')).toBe('v2')
    const artifacts = await openArtifactStore(join(other, 'artifacts'))
    expect(await artifacts.verify(sha256(BUNDLE))).toBe('whole')
    await expectSameStore()
    expect((await readdir(other)).toSorted()).toEqual([
      'artifacts',
      'secrets',
      'secrets.key',
      'sluice.db',
      'sluice.db.lock',
    ])
    expect((await stat(join(other, 'sluice.db'))).mode & 0o777).toBe(0o600)
  })

  it('tells where the key of the secrets is missing or another one', async () => {
    expect((await restore()).key).toBe('missing')
    await writeFile(join(other, 'secrets.key'), Buffer.alloc(32), { mode: 0o600 })
    expect((await restore({ mayReplace: true })).key).toBe('other')
    const wrong = restore({ mayReplace: true, keyFile: join(other, 'secrets.key') })
    await expect(wrong).rejects.toThrow('is not the key of the secrets in this backup')
  })

  it('refuses to touch a store that is there, and keeps it aside when told to replace it', async () => {
    const store = await openSqliteStore({ file: join(other, 'sluice.db') })
    await store.record([], [anEntry({ message: 'older' })])
    await expect(restore({ mayReplace: true })).rejects.toThrow(/is in use by process/)
    await store.close()
    await expect(restore()).rejects.toThrow(/there is a store already; add --replace/)
    const { aside } = await restore({ mayReplace: true })
    await expectSameStore()
    const old = await openSqliteStore({ file: join(aside ?? '', 'sluice.db') })
    expect((await old.events(0, 1))[0]?.message).toBe('older')
    await old.close()
  })

  it('goes before the store that it replaces also where the clock was set back meanwhile', async () => {
    await restore()
    await restore({ mayReplace: true, now: NOW - 3_600_000 })
    const store = await openSqliteStore({ file: join(other, 'sluice.db') })
    onTestFinished(() => store.close())
    expect(await store.epoch()).toBe(NOW + 1)
  })

  it('takes the place of a store that can not be read', async () => {
    await restore()
    await writeFile(join(other, 'sluice.db'), 'no database')
    await restore({ mayReplace: true })
    await expectSameStore()
  })

  it('can be done again after it was interrupted, and until then nobody starts on half of it', async () => {
    await restore()
    await writeFile(
      join(other, 'sluice.db.closed'),
      '{"what":"has a restore that was interrupted","remedy":"restore again"}',
    )
    await rm(join(other, 'sluice.db'))
    await expect(openSqliteStore({ file: join(other, 'sluice.db') })).rejects.toThrow(
      /restore that was interrupted; restore again/,
    )
    await expect(restore()).rejects.toThrow(/--replace/)
    await restore({ mayReplace: true })
    await expectSameStore()
  })

  it('finds any damaged byte and any cut, and touches nothing', async () => {
    const { size } = await stat(file)
    const whole = await readFile(file)
    const contents = await places()
    for (let number = 0; number < 60; number += 1) {
      const bytes = Buffer.from(whole)
      const at = contents[Math.floor((number * contents.length) / 60)] ?? 0
      bytes[at] = (bytes[at] ?? 0) ^ 1
      await writeFile(file, bytes)
      await expect(restore(), `byte ${at}`).rejects.toThrow(/this is no backup, or a damaged one/)
    }
    for (const cut of [0, 100, 512, 1000, 5000, size >> 1, size - 2048]) {
      await writeFile(file, whole)
      await truncate(file, cut)
      await expect(restore(), `cut at ${cut}`).rejects.toThrow(/this is no backup, or a damaged one/)
    }
    expect((await readdir(other)).filter(name => !name.endsWith('.lock'))).toEqual([])
  })

  it.each<readonly [string, (header: Header) => Partial<Header>]>([
    ['a path out of the folder', () => ({ name: '../../../escaped' })],
    ['an absolute path', () => ({ name: '/tmp/escaped' })],
    ['another file of the folder', () => ({ name: 'secrets.key' })],
    ['a link', () => ({ type: 'symlink', linkname: '/etc/passwd', size: 0 })],
    ['a hard link', () => ({ type: 'link', linkname: '/etc/passwd', size: 0 })],
    ['a folder in the place of a file', () => ({ type: 'directory', size: 0 })],
  ])('refuses %s', async (_what, change) => {
    await rewrite(header => (header.name.startsWith('secrets/') ? { ...header, ...change(header) } : header))
    await expect(restore()).rejects.toThrow(/this is no backup, or a damaged one/)
    expect((await readdir(other)).filter(name => !name.endsWith('.lock'))).toEqual([])
  })

  it.each([
    '../x',
    '/x',
    'secrets/../x/v1',
    'secrets/a/b/v1/../../x',
    'sluice.db.closed',
    'token',
    'artifacts/sha256/..',
  ])('refuses a manifest that names %s', async path => {
    await rewrite(header => header, {
      ...manifest,
      entries: [...manifest.entries, { path, bytes: 0, digest: sha256('') }],
    })
    await expect(restore()).rejects.toThrow(/its manifest is not one that Sluice writes/)
  })

  it('refuses a store that is well packed and was changed', async () => {
    const work = join(folder, 'forged')
    await mkdir(work)
    await cp(join(state, 'sluice.db'), join(work, 'sluice.db'))
    const database = openSqliteDatabase(join(work, 'sluice.db'))
    await sql`drop trigger audit_no_update`.execute(database.kysely)
    await sql`update audit set entry = replace(entry, 'event 7', 'event 8') where sequence = 7`.execute(
      database.kysely,
    )
    await database.close()
    const bytes = await readFile(join(work, 'sluice.db'))
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as const
    const [, ...rest] = manifest.entries
    const forged = { ...manifest, entries: [{ path: 'sluice.db', bytes: bytes.length, digest }, ...rest] }
    await rewrite(header => header, forged, bytes)
    await expect(restore()).rejects.toThrow(
      /backup\.tar: the store in it has an audit log that was changed: event 7 /,
    )
    expect((await readdir(other)).filter(name => !name.endsWith('.lock'))).toEqual([])
  })

  it('says what a file is that is no backup at all', async () => {
    await expect(restore({ file: join(folder, 'nowhere') })).rejects.toThrow('there is no such file')
    await expect(restore({ file: folder })).rejects.toThrow(/can not be read \(EISDIR\)/)
    await writeFile(file, 'a shopping list'.repeat(1000))
    await expect(restore()).rejects.toThrow(/this is no backup, or a damaged one/)
  })
})

const secretsOf = (place: string) =>
  openEmbeddedSecrets({ folder: join(place, 'secrets'), keyFile: join(place, 'secrets.key') })

/** The store in the second folder has what the first one has, but for what a restore changes. */
async function expectSameStore(): Promise<void> {
  const [before, after] = [
    openSqliteDatabase(join(state, 'sluice.db')),
    openSqliteDatabase(join(other, 'sluice.db')),
  ]
  const [old, restored] = [await rowsOf(before), await rowsOf(after)]
  const store = createSqlStore(after)
  expect(await store.verifyAudit()).toEqual({ events: manifest.audit.events + 1 })
  const [last] = await store.events(manifest.audit.events, 1)
  expect(last).toMatchObject({ kind: 'store.restored', actor: 'ada', previous: manifest.audit.hash })
  expect(await store.epoch()).toBe(NOW)
  for (const table of [
    'releases',
    'checks',
    'approvals',
    'promotions',
    'rollouts',
    'freezes',
    'tokens',
    'answers',
  ])
    expect(restored[table]).toEqual(old[table])
  await before.close()
  await after.close()
}

/** Where in the file a byte means something: not in the padding, nor in what a tar's header says of owners and times. */
async function places(): Promise<readonly number[]> {
  const tar = extract()
  const found: number[] = []
  const feeding = pipeline(createReadStream(file), tar)
  let at = 0
  for await (const entry of tar) {
    at += 512
    for (let byte = 0; byte < entry.header.size; byte += 1 + Math.floor(entry.header.size / 50))
      found.push(at + byte)
    at += Math.ceil(entry.header.size / 512) * 512
    entry.resume()
    await once(entry, 'close')
  }
  await feeding
  return found
}

async function rewrite(
  change: (header: Header) => Header,
  changed: Manifest = manifest,
  database?: Buffer,
): Promise<void> {
  const tar = extract()
  const written = pack()
  const feeding = pipeline(createReadStream(file), tar)
  const out = pipeline(written, createWriteStream(`${file}.new`))
  for await (const entry of tar) {
    const chunks: Buffer[] = []
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk)
    const isManifest = entry.header.name === 'manifest.json'
    const own = entry.header.name === 'sluice.db' ? database : undefined
    const text = Buffer.from(JSON.stringify(changed))
    const seal = entry.header.name === 'manifest.sha256' ? Buffer.from(sha256(text)) : undefined
    const content = isManifest ? text : (own ?? seal ?? Buffer.concat(chunks))
    const { name, type, mode, mtime } = entry.header
    const header = change({ name, type, mode, mtime, size: content.length } as Header)
    written.entry(header, header.size === 0 ? Buffer.alloc(0) : content)
  }
  written.finalize()
  await feeding
  await out
  await cp(`${file}.new`, file)
}
