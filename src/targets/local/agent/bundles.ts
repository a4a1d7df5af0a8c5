import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isBundleFolder } from '../../../artifacts/bundle.ts'
import type { ArtifactStore } from '../../../artifacts/content-store.ts'
import { removeTree } from '../../../artifacts/remove-tree.ts'
import type { Digest } from '../../../model/digest.ts'
import { createSerial } from '../../serial.ts'
import { complain } from './complain.ts'

export type Acquired =
  | { readonly kind: 'held'; readonly bundle: HeldBundle }
  | { readonly kind: 'refused'; readonly what: string; readonly remedy: string }

export interface HeldBundle {
  readonly folder: string
  /** Fails where the unpacked files are not what the digest names; asked before a process is started from them. */
  check(): Promise<void>
  /** Given back by the last holder, the unpacked bundle is removed. */
  release(): Promise<void>
}

/** Bundles unpacked for running, each once however many instances use it. */
export interface Bundles {
  /** Verifies the stored bytes against the digest every time, and unpacks them where they are not yet. */
  acquire(digest: Digest): Promise<Acquired>
  /** What an earlier agent unpacked, and what still runs in it; checked before something new is started from it. */
  adopt(digest: Digest): HeldBundle
}

/** Begins with nothing but what is adopted: what an earlier agent unpacked is not trusted. */
export async function openBundles(
  folder: string,
  { store, adopted }: { readonly store: ArtifactStore; readonly adopted: ReadonlySet<Digest> },
): Promise<Bundles> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const kept = new Set([...adopted].map(folderName))
  for (const name of await readdir(folder)) if (!kept.has(name)) await removeTree(join(folder, name))
  const placeOf = (digest: Digest) => join(folder, folderName(digest))
  const holders = new Map<Digest, number>()
  const serial = createSerial()
  const hold = (digest: Digest, check: () => Promise<void>): HeldBundle => {
    holders.set(digest, (holders.get(digest) ?? 0) + 1)
    const place = placeOf(digest)
    return { folder: place, check, release: once(() => serial(() => giveBack(digest, place))) }
  }
  const giveBack = async (digest: Digest, place: string) => {
    const left = (holders.get(digest) ?? 1) - 1
    holders.set(digest, left)
    if (left === 0) await removeTree(place).catch(complain(`removing ${place}`))
  }
  const acquire = async (digest: Digest): Promise<Acquired> => {
    const place = placeOf(digest)
    const isUnpacked = (holders.get(digest) ?? 0) > 0
    const result = isUnpacked ? await verifyAgain(digest, place) : await unpackAnew(digest, place)
    if (result === 'whole' || result === 'unpacked') {
      return { kind: 'held', bundle: hold(digest, async () => undefined) }
    }
    return { kind: 'refused', ...inWords(digest, result) }
  }
  const unpackAnew = async (digest: Digest, place: string) => {
    await removeTree(place)
    return (await store.unpack(digest, place)).kind
  }
  const verifyAgain = async (digest: Digest, place: string) => {
    const stored = await store.verify(digest)
    if (stored !== 'whole') return stored
    return (await isBundleFolder(place, digest)) ? stored : 'changed'
  }
  const adopt = (digest: Digest): HeldBundle => {
    const check = once(async () => {
      if (await isBundleFolder(placeOf(digest), digest)) return
      const { what, remedy } = inWords(digest, 'changed')
      throw new Error(`${what}; ${remedy}`)
    })
    return hold(digest, check)
  }
  return { acquire: digest => serial(() => acquire(digest)), adopt }
}

function folderName(digest: Digest): string {
  return digest.slice('sha256:'.length)
}

function inWords(
  digest: Digest,
  result: 'missing' | 'damaged' | 'changed' | 'unsafe' | 'occupied',
): { what: string; remedy: string } {
  switch (result) {
    case 'missing':
      return { what: `the bundle ${digest} is not in the artifact store`, remedy: 'create the release again' }
    case 'damaged':
      return {
        what: `the bundle ${digest} is damaged: its bytes have another hash`,
        remedy: 'restore the file in the artifact store, or create the release again',
      }
    case 'changed':
      return {
        what: `the unpacked bundle ${digest} was changed on the disk`,
        remedy: 'run `sluice down`, then `sluice up`, which unpacks it again',
      }
    case 'unsafe':
      return {
        what: `the bundle ${digest} holds what no bundle may hold`,
        remedy: 'create the release again with Sluice',
      }
    case 'occupied':
      return {
        what: `the bundle ${digest} cannot be unpacked: its place is taken`,
        remedy: 'run `sluice down`, then `sluice up`',
      }
    default:
      return result satisfies never
  }
}

function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= act())
}
