import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { statusOf, syncFolder } from '../artifacts/disk.ts'
import { makePrivate } from '../artifacts/private-folder.ts'
import { UserError } from '../model/user-error.ts'
import { closedOff, closeOff, reopen } from '../store/sqlite/closed-off.ts'
import { ownFile } from '../store/sqlite/open-sqlite-database.ts'
import { DATABASE_PATH, type Manifest } from './manifest.ts'

/** The `.sluice` folder that a backup is restored into; nobody else works with its store until it is let go. */
export interface RestorePlace {
  /** Where everything is made ready, inside of the folder. */
  readonly staging: string
  /** Where the database is made that takes the old one's place. */
  readonly database: string
  /** Puts what was made ready in place; where the old things are kept, if there were some. */
  install(stamp: string): Promise<string | undefined>
  /** Removes what is not needed any more. */
  [Symbol.asyncDispose](): Promise<void>
}

const STAGING = 'restore-'
const RESTORED = 'restored.db'
/** The database may have a journal beside it, which belongs to it. */
const DATABASE_FILES = [DATABASE_PATH, `${DATABASE_PATH}-wal`, `${DATABASE_PATH}-journal`]
const INTERRUPTED = {
  what: 'has a restore that was interrupted',
  remedy: 'restore again: `sluice restore FILE --replace`',
}

export interface RestoreOptions {
  readonly stateFolder: string
  readonly mayReplace: boolean
  /** False: the store is elsewhere, and a file of one that is here stays as it is. */
  readonly hasDatabase: boolean
}

/** Fails with a `UserError` where a server runs, and where there is a store already unless it may be replaced. */
export async function openRestorePlace(o: RestoreOptions): Promise<RestorePlace> {
  const { stateFolder } = o
  await makePrivate(stateFolder)
  const file = join(stateFolder, DATABASE_PATH)
  const letGo = ownFile(file)
  try {
    if (!o.mayReplace && (await hasStore(o))) throw occupied(stateFolder)
    for (const name of await readdir(stateFolder)) {
      if (name.startsWith(STAGING)) await rm(join(stateFolder, name), { recursive: true, force: true })
    }
    const staging = join(stateFolder, `${STAGING}${randomUUID()}`)
    await mkdir(staging, { mode: 0o700 })
    return {
      staging,
      database: join(staging, RESTORED),
      install: stamp => install({ ...o, staging, stamp }),
      async [Symbol.asyncDispose]() {
        await rm(staging, { recursive: true, force: true })
        letGo()
      },
    }
  } catch (error) {
    letGo()
    throw error
  }
}

/** Twice the store: as it is in the backup, and as it is made from that. */
export async function refuseSmallDisk(folder: string, manifest: Manifest): Promise<void> {
  const needed = manifest.entries.reduce((sum, { bytes }) => sum + bytes, manifest.entries[0]?.bytes ?? 0)
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize >= needed) return
  throw new UserError(folder, `there is no room for ${needed} bytes`, 'free some space; nothing was changed')
}

async function hasStore({ stateFolder, hasDatabase }: RestoreOptions): Promise<boolean> {
  const file = join(stateFolder, DATABASE_PATH)
  if (hasDatabase && (closedOff(file) !== undefined || (await statusOf(file)) !== undefined)) return true
  return (await statusOf(join(stateFolder, 'secrets'))) !== undefined
}

function occupied(stateFolder: string): UserError {
  return new UserError(
    stateFolder,
    'there is a store already',
    'add --replace to put the backup in its place (the old one is kept aside), or restore into another folder',
  )
}

interface Installing extends RestoreOptions {
  readonly staging: string
  readonly stamp: string
}

/**
 * From the first file moved to the last, a note keeps everybody from starting on what is half in place: after a crash in
 * between, the store opens no more until it is restored again.
 */
async function install(o: Installing): Promise<string | undefined> {
  const { stateFolder, staging } = o
  const file = join(stateFolder, DATABASE_PATH)
  await addArtifacts(o)
  if (o.hasDatabase) closeOff(file, INTERRUPTED)
  const aside = await moveAside(o)
  await rename(join(staging, 'secrets'), join(stateFolder, 'secrets')).catch(ignoreMissing)
  if (existsSync(join(staging, 'secrets.key')))
    await rename(join(staging, 'secrets.key'), join(stateFolder, 'secrets.key'))
  if (o.hasDatabase) await rename(join(staging, RESTORED), file)
  await syncFolder(stateFolder)
  if (o.hasDatabase) reopen(file)
  return aside
}

/** Each is what its name says, whichever store put it there. */
async function addArtifacts({ stateFolder, staging }: Installing): Promise<void> {
  const [from, to] = [join(staging, 'artifacts', 'sha256'), join(stateFolder, 'artifacts', 'sha256')]
  if (!existsSync(from)) return
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const name of await readdir(from)) await rename(join(from, name), join(to, name))
  await syncFolder(to)
}

async function moveAside({
  stateFolder,
  staging,
  stamp,
  hasDatabase,
}: Installing): Promise<string | undefined> {
  const key = existsSync(join(staging, 'secrets.key')) ? ['secrets.key'] : []
  const replaced = [...(hasDatabase ? DATABASE_FILES : []), 'secrets', ...key]
  const present = replaced.filter(name => existsSync(join(stateFolder, name)))
  if (present.length === 0) return undefined
  const aside = join(stateFolder, `replaced-${stamp}`)
  await mkdir(aside, { mode: 0o700 })
  for (const name of present) await rename(join(stateFolder, name), join(aside, name))
  await syncFolder(aside)
  return aside
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
}
