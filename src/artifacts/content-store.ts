import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Digest, isDigest } from '../model/digest.ts'
import type { Instant } from '../model/instant.ts'
import { statusOf, syncFolder } from './disk.ts'
import { hashFile, measure } from './measured-bytes.ts'
import { type Unpacked, unpackBundle } from './unpack.ts'

export type Stored =
  | { readonly kind: 'stored'; readonly bytes: number }
  /** The bytes have another hash; nothing was kept. */
  | { readonly kind: 'mismatch'; readonly actual: Digest }
  /** There are more bytes than allowed; reading stopped there and nothing was kept. */
  | { readonly kind: 'too-large'; readonly maxBytes: number }

/**
 * Artifacts by what they hold, in a folder that several processes may share. Every method throws on a digest that
 * is none, since it becomes part of a path, and on failures of the disk.
 */
export type ArtifactStore = {
  /** Whether something is kept under this name; whether it is whole, only `verify` knows. */
  has(digest: Digest): Promise<boolean>
  /** Keeps bytes that have this hash, replacing what is there; they are on the disk when this resolves. */
  put(digest: Digest, content: Readable, limit: { readonly maxBytes: number }): Promise<Stored>
  path(digest: Digest): string
  /** Reads and hashes the bytes again, every time. */
  verify(digest: Digest): Promise<'whole' | 'missing' | 'damaged'>
  /** Unpacks a bundle into a folder that must not be there yet, and verifies it by the way. */
  unpack(digest: Digest, into: string): Promise<Unpacked | { readonly kind: 'missing' }>
  /** Removes what interrupted `put`s left behind, last written before the given time. */
  sweep(before: Instant): Promise<void>
}

/** Opens a store, creating its folder where needed. */
export async function openArtifactStore(folder: string): Promise<ArtifactStore> {
  const kept = join(folder, 'sha256')
  const incoming = join(folder, 'incoming')
  await mkdir(kept, { recursive: true, mode: 0o700 })
  await mkdir(incoming, { recursive: true, mode: 0o700 })
  const path = (digest: Digest) => join(kept, hexOf(digest))
  const has = (digest: Digest) => isFile(path(digest))
  return {
    path,
    has,
    async put(digest, content, { maxBytes }) {
      const place = path(digest)
      const temporary = join(incoming, randomUUID())
      try {
        const written = await write(temporary, { content, maxBytes })
        if (written === undefined) return { kind: 'too-large', maxBytes }
        if (written.digest !== digest) return { kind: 'mismatch', actual: written.digest }
        await rename(temporary, place)
        await syncFolder(kept)
        return { kind: 'stored', bytes: written.bytes }
      } finally {
        await rm(temporary, { force: true })
      }
    },
    async verify(digest) {
      if (!(await has(digest))) return 'missing'
      return (await hashFile(path(digest))) === digest ? 'whole' : 'damaged'
    },
    async unpack(digest, into) {
      if (!(await has(digest))) return { kind: 'missing' }
      return await unpackBundle({ bundle: path(digest), digest, into })
    },
    sweep: before => removeOlder(incoming, before),
  }
}

function hexOf(digest: Digest): string {
  if (!isDigest(digest)) throw new TypeError('a digest is sha256: and 64 lower-case hexadecimal digits')
  return digest.slice('sha256:'.length)
}

class TooLarge extends Error {}

/** Writes and hashes content until it ends; undefined where it is larger than allowed. */
async function write(
  place: string,
  { content, maxBytes }: { content: Readable; maxBytes: number },
): Promise<{ digest: Digest; bytes: number } | undefined> {
  const { stream, measured } = measure()
  const file = await open(place, 'wx', 0o400)
  try {
    await pipeline(content, chunks => upTo(maxBytes, chunks), stream, file.createWriteStream({ flush: true }))
    return measured()
  } catch (error) {
    if (error instanceof TooLarge) return undefined
    throw error
  }
}

async function* upTo(maxBytes: number, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new TooLarge()
    yield chunk
  }
}

async function removeOlder(folder: string, before: Instant): Promise<void> {
  for (const name of await readdir(folder)) {
    const place = join(folder, name)
    const status = await statusOf(place)
    if (status !== undefined && status.mtimeMs < before) await rm(place, { force: true })
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await statusOf(path))?.isFile() ?? false
}
