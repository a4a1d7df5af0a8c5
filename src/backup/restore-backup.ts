import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Instant } from '../model/instant.ts'
import { UserError } from '../model/user-error.ts'
import { loadEncryptionKey } from '../secrets/embedded/encryption-key.ts'
import { keyIdOf } from '../secrets/embedded/sealed-value.ts'
import { auditHead } from '../store/audit-log.ts'
import { copyStore } from '../store/copy-store.ts'
import { type Database, DatabaseDamaged, StoreUnavailable } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { MIGRATIONS } from '../store/migrations/all-migrations.ts'
import { openSqliteDatabase } from '../store/sqlite/open-sqlite-database.ts'
import { DATABASE_PATH, type Manifest } from './manifest.ts'
import { readBackup } from './read-backup.ts'
import { replacedEpoch } from './replaced-epoch.ts'
import { openRestorePlace, type RestorePlace, refuseSmallDisk } from './restore-folder.ts'

export interface Restoring {
  readonly file: string
  /** The `.sluice` folder. */
  readonly stateFolder: string
  readonly mayReplace: boolean
  /** Where the store goes; a file in the folder without one. Its tables are up to date and empty. */
  readonly database?: Database
  /** A copy of the key that the secrets were encrypted with. */
  readonly keyFile?: string
  readonly actor: string
  readonly now: Instant
  readonly signal: AbortSignal
  readonly tell: (what: string) => void
}

export interface Restored {
  readonly manifest: Manifest
  /** Where the store and the secrets are kept that were here before. */
  readonly aside?: string
  /** Of the secrets; `none`: there are none to read. */
  readonly key: 'present' | 'missing' | 'other' | 'none'
}

/**
 * Puts the store, the secrets and the artifacts of a backup in place, all of it verified before anything is touched. The
 * store is copied row by row into tables of our own making, so that nothing in the file but rows has a say; targets obey
 * it from now on and not the one that was backed up.
 */
export async function restoreBackup(o: Restoring): Promise<Restored> {
  const hasDatabase = o.database === undefined
  await using place = await openRestorePlace({ ...o, hasDatabase })
  o.tell('reading the backup')
  const manifest = await readBackup({
    file: o.file,
    placeOf: ({ path }) => join(place.staging, path),
    onManifest: found => refuseSmallDisk(place.staging, found),
    tell: (bytes, ofBytes) => o.tell(`${Math.floor((100 * bytes) / Math.max(1, ofBytes))} % read`),
    signal: o.signal,
  })
  const key = await takeKey(o, { place, manifest })
  o.tell('copying the store')
  await copyInto(o, { place, manifest })
  const aside = await place.install(new Date(o.now).toISOString().replaceAll(/[:.]/g, '-'))
  return { manifest, key, ...(aside === undefined ? {} : { aside }) }
}

interface Made {
  readonly place: RestorePlace
  readonly manifest: Manifest
}

async function takeKey(
  { stateFolder, keyFile }: Restoring,
  { place, manifest }: Made,
): Promise<Restored['key']> {
  const secret = manifest.entries.find(({ path }) => path.startsWith('secrets/'))
  const needed = secret && keyIdOf(await readFile(join(place.staging, secret.path), 'utf8'))
  if (keyFile === undefined) {
    if (needed === undefined) return 'none'
    const present = await keyIn(join(stateFolder, 'secrets.key'))
    return present === undefined ? 'missing' : present === needed ? 'present' : 'other'
  }
  const given = await keyIn(keyFile)
  if (given === undefined)
    throw new UserError(keyFile, 'there is no such file', 'name the copy of secrets.key that you kept')
  if (needed !== undefined && given !== needed)
    throw new UserError(
      keyFile,
      'is not the key of the secrets in this backup',
      'name the one that was kept with it',
    )
  const key = await readFile(keyFile)
  await writeFile(join(place.staging, 'secrets.key'), key, { flag: 'wx', mode: 0o600, flush: true })
  return 'present'
}

async function keyIn(file: string): Promise<string | undefined> {
  const present = await readFile(file).then(
    () => true,
    () => false,
  )
  return present ? (await loadEncryptionKey(file, { mayCreate: false })).id : undefined
}

async function copyInto(o: Restoring, { place, manifest }: Made): Promise<void> {
  const from = await ofThisBackup(o, () => openCopy(join(place.staging, DATABASE_PATH), manifest))
  const to = o.database ?? openSqliteDatabase(place.database)
  try {
    if (o.database === undefined) await migrate(to, MIGRATIONS)
    // Targets have obeyed the store that is replaced, which a clock that was set back would put this one behind.
    const now = Math.max(o.now, replacedEpoch(join(o.stateFolder, DATABASE_PATH)) + 1)
    const anew = { now, entry: entryOf(o, manifest) }
    await ofThisBackup(o, () => copyStore({ from, to, anew, tell: progressOf(o) }))
  } finally {
    await from.close()
    if (o.database === undefined) await to.close()
  }
}

async function openCopy(file: string, { audit }: Manifest): Promise<Database> {
  const copy = openSqliteDatabase(file)
  try {
    await migrate(copy, MIGRATIONS)
    const { sequence, hash } = await auditHead(copy.kysely)
    if (sequence === audit.events && hash === audit.hash) return copy
    throw new DatabaseDamaged(file, 'ends with another event than the manifest says')
  } catch (error) {
    await copy.close()
    throw error
  }
}

function progressOf({ tell }: Restoring) {
  return (rows: number, ofRows: number): void =>
    tell(`${Math.floor((100 * rows) / Math.max(1, ofRows))} % copied`)
}

function entryOf({ now, actor }: Restoring, { at, audit }: Manifest) {
  const message = `${actor} restored the store as it was at ${new Date(at).toISOString()} (${audit.events} events)`
  return { at: now, actor, kind: 'store.restored' as const, message, data: { at, ...audit } }
}

/** The person knows the backup, not the place where it was unpacked. */
async function ofThisBackup<T>({ file, stateFolder }: Restoring, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const isOurs = error instanceof UserError && error.where.startsWith(stateFolder)
    if (!isOurs || error instanceof StoreUnavailable) throw error
    throw new UserError(
      file,
      `the store in it ${error.what}`,
      'restore another backup, or this one with the Sluice that made it; nothing was changed',
    )
  }
}
