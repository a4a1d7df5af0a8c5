import { randomUUID } from 'node:crypto'
import { mkdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Digest } from '../model/digest.ts'
import { extractTar } from './bundle-extraction.ts'
import { statusOf, syncFolder, systemErrorCode } from './disk.ts'
import { removeTree } from './remove-tree.ts'

export type Unpacked =
  | { readonly kind: 'unpacked' }
  /** The bundle's bytes are not the ones that its digest names. */
  | { readonly kind: 'damaged' }
  /** The bytes are the named ones, but hold what no bundle may hold; `message` says what. */
  | { readonly kind: 'unsafe'; readonly message: string }
  /** Something is already there; nothing was touched. */
  | { readonly kind: 'occupied' }

/**
 * Unpacks a bundle into a folder that appears whole or not at all, read-only: files 0444 or 0555, folders 0555.
 * Nothing from the bundle's names decides where bytes go until they have been checked, and links are made last,
 * so that no file is written through one.
 */
export async function unpackBundle(o: {
  readonly bundle: string
  readonly digest: Digest
  readonly into: string
}): Promise<Unpacked> {
  if ((await statusOf(o.into)) !== undefined) return { kind: 'occupied' }
  // Beside its place, since only within one file system a rename is atomic.
  const folder = join(dirname(o.into), `.${basename(o.into)}.${randomUUID()}`)
  await mkdir(folder, { mode: 0o700 })
  try {
    const { digest, refusal } = await extractTar(o.bundle, folder)
    if (digest !== o.digest) return { kind: 'damaged' }
    if (refusal !== undefined) return { kind: 'unsafe', message: refusal }
    return (await moveInto(folder, o.into)) ? { kind: 'unpacked' } : { kind: 'occupied' }
  } finally {
    await removeTree(folder)
  }
}

/** Gives the folder its name; false where something else took it meanwhile. */
async function moveInto(folder: string, into: string): Promise<boolean> {
  try {
    await rename(folder, into)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') return false
    throw error
  }
  await syncFolder(dirname(into))
  return true
}
