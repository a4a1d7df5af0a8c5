import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readServerFile, type ServerFile } from '../project-folder.ts'
import { processExists } from './server-state.ts'

const BETWEEN_LOOKS_MILLISECONDS = 2000

/**
 * Tells the commands of this folder where the server is. Of several servers of one folder the last one to start is
 * named, and another one when that has ended. Returns how to stop, which removes the file when it names this process.
 */
export async function nameServer(stateFolder: string, content: ServerFile): Promise<() => Promise<void>> {
  await write(stateFolder, content)
  const timer = setInterval(() => void takeOver(stateFolder, content), BETWEEN_LOOKS_MILLISECONDS)
  timer.unref()
  return async () => {
    clearInterval(timer)
    if (named(stateFolder)?.pid === content.pid) await rm(join(stateFolder, 'server.json'), { force: true })
  }
}

async function takeOver(stateFolder: string, content: ServerFile): Promise<void> {
  const present = named(stateFolder)
  if (present !== undefined && processExists(present.pid)) return
  // The folder may have been removed under it: that is no reason to end, and shows elsewhere.
  await write(stateFolder, content).catch(() => undefined)
}

/** Whole or not at all. */
async function write(stateFolder: string, content: ServerFile): Promise<void> {
  await mkdir(stateFolder, { recursive: true, mode: 0o700 })
  const path = join(stateFolder, 'server.json')
  const temporary = `${path}.${content.pid}`
  await writeFile(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  await rename(temporary, path)
}

/** What somebody else wrote there is not this server's to judge. */
function named(stateFolder: string): ServerFile | undefined {
  try {
    return readServerFile(stateFolder)
  } catch {
    return undefined
  }
}
