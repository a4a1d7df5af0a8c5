import { randomUUID } from 'node:crypto'
import { link, mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Hidden: whoever lists a folder leaves out what is still being written. */
const UNFINISHED = '.unfinished-'

/** Only this user can look into it. */
export async function makePrivateFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (first !== undefined) await syncFolder(dirname(first))
}

/**
 * Creates the whole file with mode 0600 or nothing; resolves when it is durable. False when there is one already, which
 * stays as it is: a link, other than a renaming, never replaces anything.
 */
export async function createDurably(file: string, content: Uint8Array): Promise<boolean> {
  const folder = dirname(file)
  const unfinished = join(folder, `${UNFINISHED}${randomUUID()}`)
  try {
    await writeSynced(unfinished, content)
    await link(unfinished, file)
    await rm(unfinished)
    await syncFolder(folder)
    return true
  } catch (error) {
    await rm(unfinished, { force: true })
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

async function writeSynced(file: string, content: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A new name is not durable before its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
