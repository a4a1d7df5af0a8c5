import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree } from '../../../artifacts/remove-tree.ts'
import { groupsFromBefore, isLiving } from './process-identity.ts'
import { readRecorded } from './recorded-process.ts'
import { stopGroup } from './stop-group.ts'

const GRACE_SECONDS = 1

/** Names of the folders that an earlier agent left there, one for each instance. */
export async function leftFolders(instancesFolder: string): Promise<readonly string[]> {
  return await readdir(instancesFolder).catch(() => [])
}

/**
 * Ends what an agent that was killed has left running and nobody took over, and removes the instances' folders. Never
 * ends a process that only has the pid of one: it must have started when the instance did, or have been there before
 * this agent and carry the instance's folder in its environment.
 */
export async function endLeftovers(o: {
  readonly instancesFolder: string
  readonly names: readonly string[]
  /** Names of the folders whose processes go on. */
  readonly kept: ReadonlySet<string>
}): Promise<void> {
  const names = o.names.filter(name => !o.kept.has(name))
  const groups = new Set(
    await groupsFromBefore(environment => {
      const name = instanceNameIn(environment, o.instancesFolder)
      return name !== undefined && !o.kept.has(name)
    }),
  )
  for (const name of names) {
    const recorded = await readRecorded(join(o.instancesFolder, name))
    if (recorded !== undefined && (await isLiving(recorded))) groups.add(recorded.pid)
  }
  await Promise.all([...groups].map(group => stopGroup(group, GRACE_SECONDS)))
  for (const name of names) await removeTree(join(o.instancesFolder, name))
}

function instanceNameIn(environment: string, instancesFolder: string): string | undefined {
  const prefix = `SLUICE_ROOT=${instancesFolder}/`
  const variable = environment.split('\0').find(each => each.startsWith(prefix))
  return variable?.slice(prefix.length).split('/', 1)[0]
}
