import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import { statusOf, systemErrorCode } from '../artifacts/disk.ts'
import { hashFile } from '../artifacts/measured-bytes.ts'
import { type Digest, isDigest } from '../model/digest.ts'
import type { Instant } from '../model/instant.ts'
import { sha256 } from '../model/sha256.ts'
import { type BackupEntry, DATABASE_PATH, MANIFEST_PATH, type Manifest, SEAL_PATH } from './manifest.ts'
import { readAuditEnd } from './store-file.ts'

export interface BackupSource {
  /** The `.sluice` folder: secrets and artifacts are taken from there, and the copy of the store lies there meanwhile. */
  readonly stateFolder: string
  /** Copies the store, as of one moment, into a new file. */
  readonly snapshotInto: (file: string) => Promise<void>
  readonly hasArtifacts: boolean
  readonly version: string
  readonly now: () => Instant
}

export interface Backup {
  readonly manifest: Manifest
  /** The whole file, as a tar. */
  readonly content: Readable
}

const UNFINISHED = 'backup-'
/** Longer than any backup takes: other servers may share the folder. */
const ABANDONED_MILLISECONDS = 24 * 3600 * 1000
const VERSION = /^v[1-9]\d{0,8}$/
const DAY_ZERO = new Date(0)

/**
 * Takes a backup: the store as of one moment, every secret (encrypted, without the key) and, where asked for, every
 * artifact. The store is copied first: whatever it names was there before it. What
 * interrupted ones left behind is removed.
 */
export async function takeBackup(source: BackupSource): Promise<Backup> {
  await removeUnfinished(source)
  const work = join(source.stateFolder, `${UNFINISHED}${randomUUID()}`)
  await mkdir(work, { mode: 0o700 })
  try {
    const database = join(work, DATABASE_PATH)
    const at = source.now()
    await source.snapshotInto(database)
    const audit = await readAuditEnd(database)
    const entries = [
      await hashedEntry(work, DATABASE_PATH),
      ...(await secretEntries(source.stateFolder)),
      ...(source.hasArtifacts ? await artifactEntries(source.stateFolder) : []),
    ]
    const { hasArtifacts, version: sluice } = source
    const manifest: Manifest = { format: 1, sluice, at, audit, hasArtifacts, entries }
    return {
      manifest,
      content: Readable.from(contentOf(manifest, { work, stateFolder: source.stateFolder }), {
        objectMode: false,
      }),
    }
  } catch (error) {
    await rm(work, { recursive: true, force: true })
    throw error
  }
}

async function removeUnfinished({ stateFolder, now: clock }: BackupSource): Promise<void> {
  const now = clock()
  for (const name of (await namesIn(stateFolder)).filter(one => one.startsWith(UNFINISHED))) {
    const status = await statusOf(join(stateFolder, name))
    if (status !== undefined && status.mtimeMs < now - ABANDONED_MILLISECONDS)
      await rm(join(stateFolder, name), { recursive: true, force: true })
  }
}

async function secretEntries(stateFolder: string): Promise<readonly BackupEntry[]> {
  const entries: BackupEntry[] = []
  for (const environment of await namesIn(join(stateFolder, 'secrets'))) {
    for (const name of await namesIn(join(stateFolder, 'secrets', environment))) {
      const folder = `secrets/${environment}/${name}`
      const versions = (await namesIn(join(stateFolder, folder))).filter(version => VERSION.test(version))
      for (const version of versions) entries.push(await hashedEntry(stateFolder, `${folder}/${version}`))
    }
  }
  return entries
}

/** They are named by their digests, which are looked at again when the backup is read. */
async function artifactEntries(stateFolder: string): Promise<readonly BackupEntry[]> {
  const entries: BackupEntry[] = []
  for (const hex of await namesIn(join(stateFolder, 'artifacts', 'sha256'))) {
    const digest: Digest = `sha256:${hex}`
    if (!isDigest(digest)) continue
    const path = `artifacts/sha256/${hex}`
    entries.push({ path, digest, bytes: (await stat(join(stateFolder, path))).size })
  }
  return entries
}

async function hashedEntry(folder: string, path: string): Promise<BackupEntry> {
  const file = join(folder, path)
  return { path, bytes: (await stat(file)).size, digest: await hashFile(file) }
}

/** What is hidden is still being written. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter(name => !name.startsWith('.')).toSorted()
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ENOTDIR') return []
    throw error
  }
}

function contentOf(
  manifest: Manifest,
  { work, stateFolder }: { readonly work: string; readonly stateFolder: string },
): AsyncIterable<Uint8Array> {
  const tar = pack()
  const placeOf = (path: string) => join(path === DATABASE_PATH ? work : stateFolder, path)
  addEntries(tar, manifest, placeOf).catch((error: Error) => tar.destroy(error))
  const pieces = (tar as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  const end = async (): Promise<IteratorReturnResult<undefined>> => {
    tar.destroy()
    await rm(work, { recursive: true, force: true })
    return { done: true, value: undefined }
  }
  return {
    // No generator: what stands in its `finally` is passed over where nobody ever began to read.
    [Symbol.asyncIterator]: () => ({
      async next() {
        const piece = await pieces.next()
        return piece.done === true ? await end() : piece
      },
      return: end,
    }),
  }
}

async function addEntries(tar: Pack, manifest: Manifest, placeOf: (path: string) => string): Promise<void> {
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)
  await addText(tar, MANIFEST_PATH, text)
  for (const entry of manifest.entries) await add(tar, entry, createReadStream(placeOf(entry.path)))
  await addText(tar, SEAL_PATH, Buffer.from(sha256(text)))
  tar.finalize()
}

async function addText(tar: Pack, path: string, text: Buffer): Promise<void> {
  await add(tar, { path, bytes: text.length }, Readable.from([text]))
}

async function add(tar: Pack, entry: Pick<BackupEntry, 'path' | 'bytes'>, content: Readable): Promise<void> {
  const header = { name: entry.path, size: entry.bytes, mode: 0o600, uid: 0, gid: 0, mtime: DAY_ZERO }
  await pipeline(content, tar.entry({ ...header, type: 'file' }))
}
