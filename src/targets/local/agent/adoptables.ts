import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ReleaseId } from '../../../model/release.ts'
import type { Slot } from '../../target.ts'
import { instanceFolder } from './instance-folder.ts'
import { isLiving } from './process-identity.ts'
import { type RecordedInstance, type RecordedProcess, readRecorded } from './recorded-process.ts'

/** A process that an earlier agent left running, and that is surely the one of an instance. */
export interface Adoptable extends RecordedInstance, Omit<RecordedProcess, 'instance'> {
  /** The instance's own. */
  readonly folder: string
}

/**
 * What of the instances' folders is still running and can be taken over. Only Linux tells the environment of a process;
 * elsewhere nothing is.
 */
export async function findAdoptables(
  instancesFolder: string,
  names: readonly string[],
): Promise<readonly Adoptable[]> {
  const found = await Promise.all(names.map(name => adoptable(join(instancesFolder, name))))
  // Ready ones first: where fewer are wanted than are left, users keep those that answer.
  return found.flat().toSorted((a, b) => Number(b.isReady) - Number(a.isReady))
}

async function adoptable(folder: string): Promise<readonly Adoptable[]> {
  const recorded = await readRecorded(folder)
  if (recorded?.instance === undefined) return []
  const { pid, start, instance } = recorded
  if (basename(folder) !== `${instance.environment}.${instance.id}`) return []
  if (!(await isLiving({ pid, start }))) return []
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
  const root = `SLUICE_ROOT=${instanceFolder(folder).root}`
  return environment.split('\0').includes(root) ? [{ ...instance, pid, start, folder }] : []
}

/** The adoptable processes that nobody has taken over yet. */
export class Adoptables {
  readonly #taken = new Set<string>()
  #left: readonly Adoptable[]

  constructor(found: readonly Adoptable[]) {
    this.#left = found
  }

  /** Names of the folders of those that were taken. */
  get taken(): ReadonlySet<string> {
    return this.#taken
  }

  has(slot: Slot, release: ReleaseId): boolean {
    return this.#find(slot, release) !== undefined
  }

  take(slot: Slot, release: ReleaseId): Adoptable | undefined {
    const found = this.#find(slot, release)
    if (found === undefined) return undefined
    this.#left = this.#left.filter(each => each !== found)
    this.#taken.add(basename(found.folder))
    return found
  }

  /** From now on nobody is taken over any more. */
  close(): void {
    this.#left = []
  }

  #find({ environment, service, color }: Slot, release: ReleaseId): Adoptable | undefined {
    return this.#left.find(
      each =>
        each.environment === environment &&
        each.service === service &&
        each.color === color &&
        each.release === release,
    )
  }
}
