import { createReadStream } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { type ExtractEvents, extract, type Header } from 'tar-stream'
import { systemErrorCode } from '../artifacts/disk.ts'
import { measure } from '../artifacts/measured-bytes.ts'
import { sha256 } from '../model/sha256.ts'
import { UserError } from '../model/user-error.ts'
import {
  type BackupEntry,
  MANIFEST_BYTES,
  MANIFEST_PATH,
  type Manifest,
  parseManifest,
  SEAL_PATH,
} from './manifest.ts'

export interface BackupReading {
  readonly file: string
  /** Where the bytes of an entry go; undefined: nowhere, they are only looked at. */
  readonly placeOf: (entry: BackupEntry) => string | undefined
  /** Called with the manifest before anything is written; may refuse it by throwing. */
  readonly onManifest?: (manifest: Manifest) => Promise<void>
  readonly tell?: (bytes: number, ofBytes: number) => void
  readonly signal?: AbortSignal
}

/**
 * Reads a backup to its end and holds every byte against the manifest: the files that it names, in its order, each with
 * its size and digest, and nothing else. Fails with a `UserError` for whatever else a file may be.
 */
export async function readBackup(reading: BackupReading): Promise<Manifest> {
  const broken = new AbortController()
  const signal = AbortSignal.any([broken.signal, ...(reading.signal === undefined ? [] : [reading.signal])])
  const state: Reading = { ...reading, signal, digest: '', isSealed: false, read: 0, bytes: 0, ofBytes: 0 }
  const tar = extract()
  const feeding = pipeline(createReadStream(reading.file), tar, { signal })
  // A tar that breaks off leaves its last entry open for ever.
  feeding.catch((error: unknown) => broken.abort(error))
  try {
    for await (const entry of tar) await takeEntry(state, entry.header, entry)
    await feeding
  } catch (error) {
    reading.signal?.throwIfAborted()
    throw inWords(reading.file, broken.signal.aborted ? broken.signal.reason : error)
  } finally {
    broken.abort()
  }
  if (state.manifest === undefined) throw damaged(reading.file, 'it is empty')
  if (!state.isSealed) throw damaged(reading.file, 'it ends too early')
  return state.manifest
}

type Content = ExtractEvents['entry'][1]

interface Reading extends BackupReading {
  readonly signal: AbortSignal
  manifest?: Manifest
  /** Of the manifest's own bytes. */
  digest: string
  isSealed: boolean
  /** How many entries after the manifest. */
  read: number
  bytes: number
  ofBytes: number
}

async function takeEntry(state: Reading, header: Header, content: Content): Promise<void> {
  if (state.manifest === undefined) state.manifest = await takeManifest(state, header, content)
  else if (state.read < state.manifest.entries.length) await takeFile(state, header, content)
  else await takeSeal(state, header, content)
}

async function takeManifest(state: Reading, header: Header, content: Content): Promise<Manifest> {
  const { file } = state
  const isManifest = header.name === MANIFEST_PATH && header.type === 'file'
  if (!isManifest || header.size > MANIFEST_BYTES) throw damaged(file, 'it does not begin with a manifest')
  const text = await bytesOf(content, state.signal)
  state.digest = sha256(text)
  const manifest = parseManifest(text.toString('utf8'))
  if (typeof manifest === 'string') throw damaged(file, manifest)
  await state.onManifest?.(manifest)
  state.ofBytes = manifest.entries.reduce((sum, { bytes }) => sum + bytes, 0)
  return manifest
}

async function takeSeal(state: Reading, header: Header, content: Content): Promise<void> {
  const isSeal = !state.isSealed && header.name === SEAL_PATH && header.size === state.digest.length
  if (!isSeal || (await bytesOf(content, state.signal)).toString('latin1') !== state.digest)
    throw damaged(state.file, 'its end does not fit its manifest')
  state.isSealed = true
}

/** Of what was found to be small. */
async function bytesOf(content: Content, signal: AbortSignal): Promise<Buffer> {
  const bytes = new PassThrough()
  const [read] = await Promise.all([buffer(bytes), pipeline(content, bytes, { signal })])
  return read
}

async function takeFile(state: Reading, header: Header, content: Content): Promise<void> {
  const { file, manifest, signal } = state
  const entry = manifest?.entries[state.read]
  const isIt = entry !== undefined && header.name === entry.path && header.type === 'file'
  if (!isIt || header.size !== entry.bytes)
    throw damaged(file, `${JSON.stringify(header.name.slice(0, 200))} is not what its manifest names there`)
  const { stream, measured } = measure()
  const place = state.placeOf(entry)
  if (place === undefined) await pipeline(content, stream.resume(), { signal })
  else {
    await mkdir(dirname(place), { recursive: true, mode: 0o700 })
    const handle = await open(place, 'wx', 0o600)
    await pipeline(content, stream, handle.createWriteStream({ flush: true }), { signal })
  }
  if (measured().digest !== entry.digest)
    throw damaged(file, `${entry.path} is not what it was when the backup was taken`)
  state.read += 1
  state.bytes += entry.bytes
  state.tell?.(state.bytes, state.ofBytes)
}

function inWords(file: string, error: unknown): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error
  const code = systemErrorCode(error)
  if (code === 'ENOENT')
    return new UserError(file, 'there is no such file', 'name a backup that `sluice backup` wrote')
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new UserError(file, 'the disk is full; nothing was changed', 'free some space')
  if (code !== undefined)
    return new UserError(file, `it can not be read (${code})`, 'check the file and its folder')
  // tar-stream fails with plain errors.
  return damaged(file, `it is no tar, or was cut off (${error.message})`)
}

function damaged(file: string, what: string): UserError {
  return new UserError(
    file,
    `this is no backup, or a damaged one: ${what}`,
    'use another backup; nothing was changed',
  )
}
