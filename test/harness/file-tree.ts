import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { removeTree } from '../../src/artifacts/remove-tree.ts'

export type TreeEntry =
  | { readonly kind: 'file'; readonly content: string; readonly executable: boolean }
  | { readonly kind: 'link'; readonly target: string }

/** Path → what stands there; folders are implied. */
export type FileTree = Readonly<Record<string, TreeEntry>>

/** A new folder that is gone when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-test-'))
  onTestFinished(() => removeTree(folder))
  return folder
}

export function file(content: string): TreeEntry {
  return { kind: 'file', content, executable: false }
}

export function program(content: string): TreeEntry {
  return { kind: 'file', content, executable: true }
}

export function link(target: string): TreeEntry {
  return { kind: 'link', target }
}

/** Writes a tree in the order of its entries. */
export async function writeTree(folder: string, tree: FileTree): Promise<void> {
  for (const [path, entry] of Object.entries(tree)) {
    const place = join(folder, path)
    await mkdir(dirname(place), { recursive: true })
    if (entry.kind === 'link') {
      await symlink(entry.target, place)
      continue
    }
    await writeFile(place, entry.content)
    if (entry.executable) await chmod(place, 0o755)
  }
}

/** Reads a folder back as a tree. */
export async function readTree(folder: string): Promise<FileTree> {
  const tree = new Map<string, TreeEntry>()
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const place = join(entry.parentPath, entry.name)
    const path = place.slice(folder.length + 1)
    if (entry.isSymbolicLink()) tree.set(path, link(await readlink(place)))
    if (!entry.isFile()) continue
    const executable = ((await stat(place)).mode & 0o100) !== 0
    tree.set(path, { kind: 'file', content: await readFile(place, 'utf8'), executable })
  }
  return Object.fromEntries(tree)
}
