import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { isPlainPath } from '../../artifacts/entry-path.ts'
import { sha256 } from '../../model/sha256.ts'
import { UserError } from '../../model/user-error.ts'
import type { OnDisk } from '../../render/folder-plan.ts'
import { readable, refuseFile } from './folder-access.ts'

/** A folder that files are rendered into. Paths are below it, with forward slashes; what leads out of it is refused. */
export interface OutputFolder {
  /** Absolute. */
  readonly path: string
  onDisk(path: string): OnDisk
  /** Whole text of a file; undefined where there is none. */
  read(path: string): string | undefined
  /** Puts the file there at once and whole; makes the folders that it needs. */
  write(path: string, content: string | Uint8Array): void
  /** Removes the file, and the folders that are empty then. */
  remove(path: string): void
}

/** The folder need not exist yet. */
export function openOutputFolder(folder: string): OutputFolder {
  const path = resolve(folder)
  readable(path, () => refuseFile(path))
  const root = realPath(path)
  const parents = new Map<string, string>()
  const parentOf = (file: string): Parent => {
    const parent = dirname(file)
    const found = parents.get(parent) ?? findParent({ root, folder: path, parent })
    // What is not there yet may be there the next time.
    if (typeof found === 'string') parents.set(parent, found)
    return found
  }
  const onDisk = (file: string): OnDisk => {
    refuseWinding(file)
    return readable(join(path, file), () => {
      const parent = parentOf(file)
      return typeof parent === 'string' ? contentAt(join(path, file)) : parent
    })
  }
  return {
    path,
    onDisk,
    read: file => {
      const found = onDisk(file)
      return found.kind === 'file' ? readFileSync(join(path, file), 'utf8') : undefined
    },
    write: (file, content) => {
      onDisk(file)
      writeWhole(join(path, file), content)
    },
    remove: file => {
      onDisk(file)
      rmSync(join(path, file), { force: true })
      removeEmptyFolders(path, dirname(join(path, file)))
      parents.clear()
    },
  }
}

/** Where a folder really is; something that is no folder; or nothing yet. */
type Parent = string | Exclude<OnDisk, { readonly kind: 'file' }>

function refuseWinding(path: string): void {
  if (isPlainPath(path) && !path.split('/').includes('.git')) return
  throw new UserError(path, 'the path leaves the folder that is rendered into', 'name a path below it')
}

function findParent(o: { readonly root: string; readonly folder: string; readonly parent: string }): Parent {
  let place = o.folder
  for (const step of o.parent === '.' ? [] : o.parent.split('/')) {
    place = join(place, step)
    const status = statusOf(place)
    if (status === undefined) return { kind: 'missing' }
    if (status.isSymbolicLink()) refuseLeaving(place, o.root)
    const found = statSync(place, { throwIfNoEntry: false })
    if (found === undefined) return { kind: 'obstacle', what: 'a link to nowhere, where its folder belongs' }
    if (!found.isDirectory()) return { kind: 'obstacle', what: 'a file, where its folder belongs' }
  }
  return place
}

/** A link may only lead to another folder below: who follows it must not be led to files of others. */
function refuseLeaving(link: string, root: string): void {
  const place = realPath(link)
  if (place === root || place.startsWith(root + sep)) return
  throw new UserError(
    link,
    'it is a link that leaves the folder that is rendered into',
    'put a folder in its place',
  )
}

function contentAt(file: string): OnDisk {
  const status = statusOf(file)
  if (status === undefined) return { kind: 'missing' }
  if (status.isFile()) return { kind: 'file', hash: sha256(readFileSync(file)) }
  const what = status.isDirectory() ? 'a folder' : status.isSymbolicLink() ? 'a link' : 'no plain file'
  return { kind: 'obstacle', what }
}

function statusOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

/** As it will be, where the last folders do not exist yet. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return dirname(path) === path ? path : join(realPath(dirname(path)), path.slice(dirname(path).length))
  }
}

/** Whoever reads meanwhile sees the former text or the new one, and after a crash so does everybody. */
function writeWhole(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true })
  const temporary = join(dirname(file), `.sluice-${randomUUID()}.tmp`)
  try {
    writeFileSync(temporary, content, { flag: 'wx' })
    const former = statusOf(file)
    if (former !== undefined) chmodSync(temporary, former.mode)
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

function removeEmptyFolders(top: string, folder: string): void {
  for (let here = folder; here !== top; here = dirname(here)) {
    try {
      rmdirSync(here)
    } catch {
      // It holds something else, or is a link: so do all above.
      return
    }
  }
}
