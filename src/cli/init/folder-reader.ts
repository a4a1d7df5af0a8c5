import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { BuildFolderReader } from '../../render/docker/build-folder.ts'

const LARGEST_FILE_BYTES = 256 * 1024
const MOST_FOLDERS = 200

/** Looks at a folder on the disk; what can't be read counts as not there. */
export function readFolder(folder: string): BuildFolderReader {
  return {
    folders: path => namesIn(join(folder, path), entry => entry.isDirectory()).slice(0, MOST_FOLDERS),
    files: path => namesIn(join(folder, path), entry => entry.isFile()),
    read: path => textOf(join(folder, path)),
  }
}

function namesIn(path: string, wanted: (entry: Dirent) => boolean): readonly string[] {
  try {
    const names = readdirSync(path, { withFileTypes: true }).filter(wanted)
    return names.map(({ name }) => name).toSorted()
  } catch {
    return []
  }
}

function textOf(path: string): string | undefined {
  try {
    const status = statSync(path)
    return status.isFile() && status.size <= LARGEST_FILE_BYTES ? readFileSync(path, 'utf8') : undefined
  } catch {
    return undefined
  }
}
