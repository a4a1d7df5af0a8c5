import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { statusOf, syncFolder, systemErrorCode } from '../../artifacts/disk.ts'
import { checkBackup } from '../../backup/check-backup.ts'
import type { Manifest } from '../../backup/manifest.ts'
import { takeBackup } from '../../backup/write-backup.ts'
import { UserError } from '../../model/user-error.ts'
import type { SqlStore } from '../../store/sql-store.ts'
import { connect } from '../api/connect.ts'
import type { Context } from '../context.ts'
import { personHere } from '../running/person.ts'
import { formatBytes } from '../terminal/bytes.ts'
import type { Say } from '../terminal/progress.ts'
import { VERSION } from '../version.ts'
import { provenState, type StorePlace, storePlace } from './store-place.ts'

export interface Taking {
  /** As typed. */
  readonly file: string
  readonly hasArtifacts: boolean
  readonly say: Say
}

export interface TakenFile {
  readonly manifest: Manifest
  readonly file: string
  readonly bytes: number
}

/** Takes a backup from the server, or where none runs from the folder itself, and reads it back before it gets its name. */
export async function takeInto(context: Context, taking: Taking): Promise<TakenFile> {
  const path = resolve(context.folder, taking.file)
  if ((await statusOf(path)) !== undefined)
    throw new UserError(
      taking.file,
      'there is a file already',
      'choose another name: a backup never replaces a file',
    )
  const partial = `${path}.${randomUUID()}.partial`
  try {
    const bytes = await inWords(taking.file, () => write(context, { ...taking, partial }))
    const check = () => checkBackup({ file: partial, signal: context.signal, tell: taking.say })
    const manifest = await inWords(taking.file, check)
    await rename(partial, path)
    await syncFolder(dirname(path))
    return { manifest, file: taking.file, bytes }
  } finally {
    await rm(partial, { force: true })
  }
}

interface Writing extends Taking {
  readonly partial: string
}

async function write(context: Context, o: Writing): Promise<number> {
  if (context.server !== undefined) return await writeFromServer(context, o)
  const place = await storePlace(context)
  const isRunning = (await provenState(place.stateFolder)) === 'running'
  return isRunning ? await writeFromServer(context, o) : await writeFromFolder(context, place, o)
}

async function writeFromServer(context: Context, o: Writing): Promise<number> {
  const path = `/backup${o.hasArtifacts ? '' : '?artifacts=false'}`
  const { content, bytes } = await connect(context).download(path)
  return await save(content, { ...o, expected: bytes, signal: context.signal })
}

async function writeFromFolder(context: Context, place: StorePlace, o: Writing): Promise<number> {
  const store = await openStoreHere(place)
  try {
    const { manifest, content } = await takeBackup({
      stateFolder: place.stateFolder,
      snapshotInto: store.snapshotInto,
      hasArtifacts: o.hasArtifacts,
      version: VERSION,
      now: context.now,
    })
    const actor = await personHere(context.folder)
    const message = `${actor} took a backup of the store (${manifest.audit.events} events)`
    await store.record(
      [],
      [{ at: context.now(), actor, kind: 'store.backed-up', message, data: manifest.audit }],
    )
    return await save(content, { ...o, expected: undefined, signal: context.signal })
  } finally {
    await store.close()
  }
}

async function openStoreHere({ file, databaseUrl }: StorePlace): Promise<SqlStore> {
  if (databaseUrl !== undefined) {
    const { openPostgresStore } = await import('../../store/postgres/open-postgres-store.ts')
    return await openPostgresStore({ url: databaseUrl })
  }
  if ((await statusOf(file)) === undefined)
    throw new UserError(
      file,
      'there is no store yet',
      'nothing is to be backed up before the first `sluice up`',
    )
  const { openSqliteStore } = await import('../../store/sqlite/open-sqlite-store.ts')
  return await openSqliteStore({ file })
}

async function save(
  content: Readable,
  o: Writing & { readonly expected: number | undefined; readonly signal: AbortSignal },
): Promise<number> {
  let bytes = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      o.say(
        o.expected === undefined ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(o.expected)}`,
      )
      done(null, chunk)
    },
  })
  const file = createWriteStream(o.partial, { flags: 'wx', mode: 0o600, flush: true })
  await pipeline(content, counted, file, { signal: o.signal })
  return bytes
}

/** People know the file by the name that they gave it. */
async function inWords<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof UserError && error.where.endsWith('.partial'))
      throw new UserError(file, error.what, 'nothing was kept; see the log of the server, then try again')
    const code = systemErrorCode(error)
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new UserError(
        file,
        'the disk is full; nothing was kept',
        'free some space, or name another place',
      )
    const isCut =
      error instanceof Error &&
      'code' in error &&
      (error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_PREMATURE_CLOSE')
    if (isCut)
      throw new UserError(
        file,
        'the server broke the backup off; nothing was kept',
        'see its log, then try again',
      )
    if (code === undefined) throw error
    throw new UserError(file, `it can not be written (${code})`, 'name a place that you may write to')
  }
}
