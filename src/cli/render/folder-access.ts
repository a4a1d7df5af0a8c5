import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemErrorCode } from '../../artifacts/disk.ts'
import { UserError } from '../../model/user-error.ts'

/** What the system refuses to show is for a person to mend, and no bug. */
export function readable<T>(path: string, look: () => T): T {
  try {
    return look()
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === undefined) throw error
    throw new UserError(path, `it cannot be read: ${code}`, 'see to it that you may read it, and try again')
  }
}

/** The folder need not exist, but nothing else may stand in its place or in that of a folder above. */
export function refuseFile(folder: string): void {
  for (const place of ancestors(folder)) {
    const status = statSync(place, { throwIfNoEntry: false })
    if (status === undefined) return
    if (!status.isDirectory()) throw new UserError(place, 'it is no folder', 'name a folder to render into')
  }
}

/** From the top down to the folder itself. */
function ancestors(folder: string): readonly string[] {
  const parent = dirname(folder)
  return parent === folder ? [folder] : [...ancestors(parent), folder]
}
