import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readServerFile, type ServerFile } from '../project-folder.ts'

/** Tells the commands of this folder where the server is. Written whole or not at all. */
export async function writeServerFile(stateFolder: string, content: ServerFile): Promise<void> {
  await mkdir(stateFolder, { recursive: true, mode: 0o700 })
  const path = join(stateFolder, 'server.json')
  const temporary = `${path}.${content.pid}`
  await writeFile(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  await rename(temporary, path)
}

/** Removes the file when it still speaks of this process: a newer server may have written its own. */
export async function removeServerFile(stateFolder: string, pid: number): Promise<void> {
  if (readServerFile(stateFolder)?.pid === pid) await rm(join(stateFolder, 'server.json'), { force: true })
}
