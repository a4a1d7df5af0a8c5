import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { FolderReader } from '../../blueprint/detect.ts'

const LARGEST_FILE_BYTES = 256 * 1024
const MOST_FOLDERS = 200

/** Looks at a folder on the disk; what can't be read counts as not there. */
export function readFolder(folder: string): FolderReader {
  return {
    folders: path => foldersIn(join(folder, path)),
    read: path => textOf(join(folder, path)),
  }
}

function foldersIn(path: string): readonly string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true })
    const names = entries.filter(entry => entry.isDirectory()).map(({ name }) => name)
    return names.toSorted().slice(0, MOST_FOLDERS)
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
