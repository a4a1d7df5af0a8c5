import { chmod, lstat, mkdir } from 'node:fs/promises'
import { UserError } from '../model/user-error.ts'
import { systemErrorCode } from './disk.ts'

/**
 * Makes a folder that nobody else looks into, also where one stood open before. A `UserError` for somebody else's,
 * for a link, since what it leads to may be anything, and where the disk does not allow it.
 */
export async function makePrivate(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === undefined) throw error
    if (code !== 'EEXIST')
      throw new UserError(
        folder,
        `it can not be made (${code})`,
        'make the folder above it yours to write to',
      )
  }
  const status = await lstat(folder)
  const isOurs = status.isDirectory() && (process.getuid === undefined || status.uid === process.getuid())
  if (!isOurs) {
    throw new UserError(folder, 'it is not a folder of yours', 'remove it, or choose another folder')
  }
  if ((status.mode & 0o777) !== 0o700) await chmod(folder, 0o700)
}
