import { createReadStream } from 'node:fs'
import { chmod, mkdir, open, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type ExtractEvents, extract, type Header } from 'tar-stream'
import type { Digest } from '../model/digest.ts'
import { BUNDLE_LIMITS } from './bundle-tree.ts'
import { isPlainPath, isPlainTarget } from './entry-path.ts'
import { linkProblems } from './link-target.ts'
import { hashFile, measure } from './measured-bytes.ts'

/**
 * Extracts a tar into an empty folder of its own and makes all of it read-only. With a `refusal`, what stands in the
 * folder is of no use. The digest is that of the whole file either way: only it tells damage from malice.
 */
export async function extractTar(
  tar: string,
  folder: string,
): Promise<{ readonly digest: Digest; readonly refusal: string | undefined }> {
  const tree: Tree = { folder, kinds: new Map(), links: new Map(), refusal: undefined }
  const digest = await readEntries(tree, tar)
  tree.refusal ??= await leavingLink(tree)
  if (tree.refusal === undefined) await seal(tree)
  return { digest, refusal: tree.refusal }
}

type Tree = {
  readonly folder: string
  readonly kinds: Map<string, 'file' | 'folder' | 'link'>
  readonly links: Map<string, string>
  /** The first reason against this bundle; nothing more is written from then on. */
  refusal: string | undefined
}

/** Reads to the last byte whatever it holds. */
async function readEntries(tree: Tree, path: string): Promise<Digest> {
  const { stream, measured } = measure()
  const tar = extract()
  let taking = Promise.resolve()
  tar.on('entry', (header, content, next) => {
    // A tar that breaks off fails this stream as well, perhaps while nobody reads it; reading it fails then.
    content.on('error', () => {})
    taking = takeEntry(tree, { header, content }).then(() => next(), next)
  })
  try {
    await pipeline(createReadStream(path), stream, tar)
    return measured().digest
  } catch (error) {
    if (!isTarError(error)) throw error
    tree.refusal ??= `it is no tar (${error.message})`
    return await hashFile(path)
  } finally {
    // A broken tar ends the pipeline while its last entry is still being written.
    await taking
  }
}

/** tar-stream fails with plain errors; all that Node fails with has a code. */
function isTarError(error: unknown): error is Error {
  return error instanceof Error && Object.getPrototypeOf(error) === Error.prototype && !('code' in error)
}

type TarEntry = { readonly header: Header; readonly content: ExtractEvents['entry'][1] }

async function takeEntry(tree: Tree, entry: TarEntry): Promise<void> {
  tree.refusal ??= await addEntry(tree, entry)
  entry.content.resume()
}

async function addEntry(tree: Tree, { header, content }: TarEntry): Promise<string | undefined> {
  const path = header.type === 'directory' ? header.name.replace(/\/$/, '') : header.name
  const shown = JSON.stringify(path)
  if (!isPlainPath(path)) return `the path ${shown} is not a plain one inside the folder`
  if (tree.kinds.size >= 2 * BUNDLE_LIMITS.files) return `it holds more than ${BUNDLE_LIMITS.files} files`
  if (!(await makeFolder(tree, dirname(path))))
    return `the path ${shown} leads through something that is no folder`
  if (header.type === 'directory')
    return (await makeFolder(tree, path)) ? undefined : `${shown} is there twice`
  if (tree.kinds.has(path)) return `${shown} is there twice`
  // An empty one is null here, whatever the library's types say.
  if (header.type === 'symlink') return addLink(tree, { path, target: header.linkname ?? '' })
  if (header.type !== 'file') return `${shown} is neither a file nor a folder nor a symbolic link`
  tree.kinds.set(path, 'file')
  await writeContent(join(tree.folder, path), { header, content })
  return undefined
}

function addLink(tree: Tree, { path, target }: { path: string; target: string }): string | undefined {
  if (!isPlainTarget(target)) return `the link ${JSON.stringify(path)} points to no plain path`
  tree.kinds.set(path, 'link')
  tree.links.set(path, target)
  return undefined
}

/** Makes a folder and those above it; false where one of them is something else. */
async function makeFolder(tree: Tree, path: string): Promise<boolean> {
  if (path === '.' || tree.kinds.get(path) === 'folder') return true
  if (tree.kinds.has(path) || !(await makeFolder(tree, dirname(path)))) return false
  tree.kinds.set(path, 'folder')
  await mkdir(join(tree.folder, path), { mode: 0o700 })
  return true
}

async function writeContent(place: string, { header, content }: TarEntry): Promise<void> {
  const mode = (header.mode & 0o100) === 0 ? 0o444 : 0o555
  await using file = await open(place, 'wx', mode)
  await file.chmod(mode)
  // Not by pipeline, which waits for ever on such a stream that failed before.
  for await (const chunk of content) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('tar-stream gave something else than bytes')
    await file.writeFile(chunk)
  }
}

async function leavingLink({ links }: Tree): Promise<string | undefined> {
  for await (const [path, problem] of linkProblems(links)) {
    const what = problem === 'winding' ? 'leads over too many others' : 'leaves the folder'
    return `the link ${JSON.stringify(path)} ${what}`
  }
  return undefined
}

async function seal({ folder, kinds, links }: Tree): Promise<void> {
  for (const [path, target] of links) await symlink(target, join(folder, path))
  for (const [path, kind] of kinds) if (kind === 'folder') await chmod(join(folder, path), 0o555)
  await chmod(folder, 0o555)
}
