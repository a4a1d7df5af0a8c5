import { isUtf8 } from 'node:buffer'
import { constants, type Dirent } from 'node:fs'
import { access, lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type BundleProblem, bundleProblem, readProblem } from './bundle-problem.ts'
import { comparePaths, isPlainPath, isPlainTarget, MAX_PATH_BYTES } from './entry-path.ts'
import type { IgnoreRules } from './ignore-rules.ts'
import { linkProblems } from './link-target.ts'

/** What a bundle may hold at most; `bytes` is the sum of its files' content. */
export type BundleLimits = { readonly files: number; readonly bytes: number }

export type BundleFile = {
  readonly kind: 'file'
  readonly path: string
  readonly bytes: number
  readonly executable: boolean
  /** When the content last changed, in nanoseconds since 1970: shows whether it changed while being read. */
  readonly changedNs: bigint
}
export type BundleLink = { readonly kind: 'link'; readonly path: string; readonly target: string }
export type BundleEntry = BundleFile | BundleLink

export type BundleTree = {
  readonly entries: readonly BundleEntry[]
  readonly problems: readonly BundleProblem[]
}

export type BundleSource = {
  readonly folder: string
  readonly rules: IgnoreRules
  readonly limits: BundleLimits
  /** Turns a path of the folder into the one that people see. */
  readonly shown: (path: string) => string
}

/** 100,000 files and 2 GiB. */
export const BUNDLE_LIMITS: BundleLimits = { files: 100_000, bytes: 2 * 1024 ** 3 }

/** Lists what a folder's bundle holds, in its order, and all that keeps it from being one. Follows no link. */
export async function readBundleTree(source: BundleSource): Promise<BundleTree> {
  const walk: Walk = { ...source, entries: [], problems: [], bytes: 0 }
  const folders = ['']
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const found of await listFolder(walk, folder)) {
      if (await visit(walk, found)) folders.push(found.path)
      if (walk.entries.length > source.limits.files) return overfull(walk)
    }
  }
  await checkLinks(walk)
  checkSize(walk)
  return {
    entries: walk.entries.toSorted((a, b) => comparePaths(a.path, b.path)),
    problems: walk.problems.toSorted((a, b) => comparePaths(a.path, b.path)),
  }
}

type Walk = BundleSource & {
  readonly entries: BundleEntry[]
  readonly problems: BundleProblem[]
  bytes: number
}

/** A name in a folder, as bytes since it may not be UTF-8, and the path that it has in the bundle. */
type Found = { readonly path: string; readonly entry: Dirent<Buffer> }

async function listFolder(walk: Walk, folder: string): Promise<Found[]> {
  try {
    const entries = await readdir(join(walk.folder, folder), { withFileTypes: true, encoding: 'buffer' })
    return entries.map(entry => ({
      path: `${folder === '' ? '' : `${folder}/`}${entry.name.toString()}`,
      entry,
    }))
  } catch (error) {
    walk.problems.push(readProblem(walk.shown(folder), error))
    return []
  }
}

/** Takes in what was found; true where it is a folder that has to be walked. */
async function visit(walk: Walk, { path, entry }: Found): Promise<boolean> {
  if (walk.rules.ignores(path)) {
    return entry.isDirectory() && isUtf8(entry.name) && !walk.rules.ignoresAllIn(path)
  }
  if (Buffer.byteLength(path) > MAX_PATH_BYTES)
    return refuse(walk, bundleProblem('path-too-long', walk.shown(path)))
  if (!isUtf8(entry.name) || !isPlainPath(path)) return refuse(walk, bundleProblem('name', walk.shown(path)))
  if (entry.isDirectory()) return true
  try {
    await addEntry(walk, { path, entry })
  } catch (error) {
    walk.problems.push(readProblem(walk.shown(path), error))
  }
  return false
}

function refuse(walk: Walk, problem: BundleProblem): false {
  walk.problems.push(problem)
  return false
}

async function addEntry(walk: Walk, { path, entry }: Found): Promise<void> {
  const place = join(walk.folder, path)
  if (entry.isSymbolicLink()) {
    const target = await readlink(place, { encoding: 'buffer' })
    if (isUtf8(target) && isPlainTarget(target.toString())) {
      walk.entries.push({ kind: 'link', path, target: target.toString() })
    } else {
      walk.problems.push(bundleProblem('name', walk.shown(path)))
    }
    return
  }
  if (!entry.isFile()) {
    walk.problems.push(bundleProblem('special-file', walk.shown(path)))
    return
  }
  // Asked here, so that a file that nobody may read is named together with all other problems.
  await access(place, constants.R_OK)
  const { size, mode, mtimeNs } = await lstat(place, { bigint: true })
  const bytes = Number(size)
  walk.bytes += bytes
  walk.entries.push({ kind: 'file', path, bytes, executable: (mode & 0o100n) !== 0n, changedNs: mtimeNs })
}

async function checkLinks(walk: Walk): Promise<void> {
  const links = new Map(
    walk.entries.flatMap(entry => (entry.kind === 'link' ? [[entry.path, entry.target]] : [])),
  )
  for await (const [path, problem] of linkProblems(links))
    walk.problems.push(bundleProblem(`${problem}-link`, walk.shown(path)))
}

function checkSize(walk: Walk): void {
  const { bytes } = walk.limits
  if (walk.bytes <= bytes) return
  const message = `its files hold ${walk.bytes} bytes and a bundle at most ${bytes}`
  walk.problems.push(bundleProblem('too-large', walk.shown(''), message))
}

function overfull(walk: Walk): BundleTree {
  const message = `it holds more than ${walk.limits.files} files`
  return {
    entries: [],
    problems: [...walk.problems, bundleProblem('too-many-files', walk.shown(''), message)],
  }
}
