import { lstat, open, readFile, realpath, rm } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { Writable } from 'node:stream'
import type { Artifact } from '../model/artifact.ts'
import type { Digest } from '../model/digest.ts'
import { type BundleProblem, bundleProblem, readProblem } from './bundle-problem.ts'
import { type BundleContent, writeBundleTar } from './bundle-tar.ts'
import { BUNDLE_LIMITS, type BundleLimits, readBundleTree } from './bundle-tree.ts'
import { systemErrorCode } from './disk.ts'
import { type IgnoreRules, KEEP_ALL, readIgnoreRules } from './ignore-rules.ts'

export type BundleArtifact = Extract<Artifact, { kind: 'bundle' }>
export type BundleRefused = { readonly kind: 'refused'; readonly problems: readonly BundleProblem[] }

const IGNORE_FILE = '.dockerignore'
const MAX_IGNORE_FILE_BYTES = 1024 ** 2

/**
 * Writes a folder as a tar (POSIX.1-2001 pax) to `out`, a path where nothing stands yet. The same sources give the same bytes on any machine:
 * sorted by path, without times, owners or empty folders, and with modes 0644 or 0755. Names keep their bytes:
 * Unicode forms are not changed. What `.dockerignore` names stays out, and `.git` and `.sluice` anywhere.
 * Refused with every problem at once; `out` is gone then.
 */
export async function createBundle(o: {
  readonly folder: string
  readonly projectFolder: string
  readonly out: string
  readonly limits?: BundleLimits
}): Promise<BundleArtifact | BundleRefused> {
  const shown = (path: string) => relative(o.projectFolder, join(o.folder, path)) || '.'
  const wrongPlace = await placeProblem(o)
  if (wrongPlace !== undefined) return refused([bundleProblem(wrongPlace, shown(''))])
  const rules = await loadRules(o.folder, shown(IGNORE_FILE))
  if ('kind' in rules) return rules
  const tree = await readBundleTree({ folder: o.folder, rules, limits: o.limits ?? BUNDLE_LIMITS, shown })
  if (tree.problems.length > 0) return refused(tree.problems)
  if (tree.entries.length === 0) return refused([bundleProblem('empty', shown(''))])
  return await writeBundle({ folder: o.folder, entries: tree.entries, shown }, o.out)
}

/**
 * Says whether an unpacked bundle is still what its digest names: nothing changed, added or taken away. Modes count
 * by the owner's executable bit, and empty folders not at all.
 */
export async function isBundleFolder(folder: string, digest: Digest): Promise<boolean> {
  const tree = await readBundleTree({ folder, rules: KEEP_ALL, limits: BUNDLE_LIMITS, shown: asIs })
  if (tree.problems.length > 0) return false
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const written = await writeBundleTar({ folder, entries: tree.entries, shown: asIs }, nowhere)
  return written.problems.length === 0 && written.digest === digest
}

function asIs(path: string): string {
  return path
}

function refused(problems: readonly BundleProblem[]): BundleRefused {
  return { kind: 'refused', problems }
}

async function placeProblem(o: {
  readonly folder: string
  readonly projectFolder: string
}): Promise<'no-folder' | 'outside-project' | undefined> {
  const project = await realpath(o.projectFolder)
  try {
    const folder = await realpath(o.folder)
    if (!(await lstat(folder)).isDirectory()) return 'no-folder'
    return folder === project || folder.startsWith(project + sep) ? undefined : 'outside-project'
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
    return 'no-folder'
  }
}

async function loadRules(folder: string, shown: string): Promise<IgnoreRules | BundleRefused> {
  const path = join(folder, IGNORE_FILE)
  try {
    const status = await lstat(path)
    // A link could name a file outside, which another clone does not have.
    if (!status.isFile() || status.size > MAX_IGNORE_FILE_BYTES)
      return refused([bundleProblem('ignore-file', shown)])
    const { rules, invalid } = readIgnoreRules(await readFile(path, 'utf8'))
    if (invalid.length === 0) return rules
    return refused(
      invalid.map(({ line, pattern }) =>
        bundleProblem(
          'ignore-file',
          `${shown}:${line}`,
          `the pattern ${JSON.stringify(pattern)} has no meaning`,
        ),
      ),
    )
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return readIgnoreRules('').rules
    return refused([readProblem(shown, error)])
  }
}

async function writeBundle(content: BundleContent, out: string): Promise<BundleArtifact | BundleRefused> {
  // Only what was made here is removed again: with "w", a wrong path would cost a file or even a device.
  const file = await open(out, 'wx', 0o600)
  let whole = false
  try {
    const { digest, bytes, problems } = await writeBundleTar(content, file.createWriteStream())
    if (problems.length > 0) return refused(problems)
    whole = true
    return { kind: 'bundle', digest, bytes }
  } finally {
    if (!whole) await rm(out, { force: true })
  }
}
