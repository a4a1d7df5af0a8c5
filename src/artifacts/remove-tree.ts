import { chmod, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemErrorCode } from './disk.ts'

/** Removes a folder and all in it, also where its folders are read-only; one that is not there is fine. */
export async function removeTree(folder: string): Promise<void> {
  await unlock(folder)
  await rm(folder, { recursive: true, force: true })
}

async function unlock(folder: string): Promise<void> {
  try {
    await chmod(folder, 0o700)
    // An entry that is a link is no folder here, so nothing outside is touched.
    const entries = await readdir(folder, { withFileTypes: true })
    for (const entry of entries) if (entry.isDirectory()) await unlock(join(folder, entry.name))
  } catch (error) {
    const code = systemErrorCode(error)
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
  }
}
