import type { FolderReader } from '../../blueprint/detect.ts'
import { plainPath } from './plain-path.ts'

/** A folder whose files can be listed as well: many a lock file is too large to be read for its name. */
export interface BuildFolderReader extends FolderReader {
  readonly files: (path: string) => readonly string[]
}

/** The folder that a service is built from; paths are below it. */
export interface BuildFolder {
  readonly files: readonly string[]
  readonly folders: (path: string) => readonly string[]
  readonly read: (file: string) => string | undefined
}

/** `context` as the blueprint names it (`./web`). */
export function buildFolder(reader: BuildFolderReader, context: string): BuildFolder {
  const base = plainPath(context)
  const at = (path: string): string => [base, path].filter(part => part !== '').join('/')
  return {
    files: reader.files(base),
    folders: path => reader.folders(at(path)),
    read: file => reader.read(at(file)),
  }
}
