import { readFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { UserError } from '../../../../model/user-error.ts'

/** A file that a kubeconfig names; fails with `UserError`. */
export async function readNamedFile(o: {
  readonly folder: string
  readonly file: string
  readonly path: string
}): Promise<string> {
  const path = isAbsolute(o.path) ? o.path : join(o.folder, o.path)
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UserError(o.file, `a file that it names can't be read: ${why}`, 'put it there, or name another')
  }
}
