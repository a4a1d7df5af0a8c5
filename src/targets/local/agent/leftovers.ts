import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree } from '../../../artifacts/remove-tree.ts'
import { PROCESS_FILE, type RecordedProcess } from './instance.ts'
import { stopGroup } from './instance-process.ts'
import { groupsWithEnvironment, processStart } from './process-identity.ts'

// Users wait for this: nobody answers them until the new instances run.
const GRACE_SECONDS = 1

/**
 * Ends what an agent that was killed has left running, and removes the instances' folders. Never ends a process that
 * only has the pid of one: it must have started when the instance did, or carry the instance's folder in its environment.
 */
export async function endLeftovers(instancesFolder: string): Promise<void> {
  const names = await readdir(instancesFolder).catch(() => [])
  if (names.length === 0) return
  const groups = new Set(await groupsWithEnvironment(`SLUICE_ROOT=${instancesFolder}/`))
  for (const name of names) {
    const recorded = await readRecorded(join(instancesFolder, name, PROCESS_FILE))
    if (recorded !== undefined && (await processStart(recorded.pid)) === recorded.start)
      groups.add(recorded.pid)
  }
  await Promise.all([...groups].map(group => stopGroup(group, GRACE_SECONDS)))
  for (const name of names) await removeTree(join(instancesFolder, name))
}

async function readRecorded(path: string): Promise<RecordedProcess | undefined> {
  try {
    const { pid, start }: Partial<RecordedProcess> = JSON.parse(await readFile(path, 'utf8'))
    return typeof pid === 'number' && typeof start === 'string' ? { pid, start } : undefined
  } catch {
    return undefined
  }
}
