import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest } from '../../../model/digest.ts'
import type { ReleaseId } from '../../../model/release.ts'
import { createSerial } from '../../serial.ts'
import type { Slot } from '../../target.ts'

/** By this a later agent knows what an earlier one has left running. */
export interface RecordedProcess {
  readonly pid: number
  /** As `processStart` tells it. */
  readonly start: string
  /** Absent in what an earlier version wrote. */
  readonly instance?: RecordedInstance
}

export interface RecordedInstance extends Slot {
  readonly id: string
  readonly release: ReleaseId
  /** The bundle that it runs in. */
  readonly artifact: Digest
  readonly port: number
  readonly isReady: boolean
}

const FILE = 'process.json'

/** Undefined where nothing is recorded, or nothing that can be read. */
export async function readRecorded(instanceFolder: string): Promise<RecordedProcess | undefined> {
  try {
    const recorded: Partial<RecordedProcess> = JSON.parse(await readFile(join(instanceFolder, FILE), 'utf8'))
    const { pid, start, instance } = recorded
    if (typeof pid !== 'number' || typeof start !== 'string') return undefined
    return { pid, start, ...(instance === undefined ? {} : { instance }) }
  } catch {
    return undefined
  }
}

/** Writes one record after the other: what is there at a kill is never older than what was there before. */
export interface Recorder {
  /** Asked when its turn comes; undefined where there is nothing to write any more. */
  write(current: () => Promise<RecordedProcess | undefined>): void
  /** Resolves when nothing more is written. */
  settled(): Promise<void>
}

export function createRecorder(instanceFolder: string): Recorder {
  const path = join(instanceFolder, FILE)
  const serial = createSerial()
  const replace = async (current: () => Promise<RecordedProcess | undefined>) => {
    const recorded = await current()
    if (recorded === undefined) return
    // A kill in the middle of this leaves the old record.
    await writeFile(`${path}.new`, JSON.stringify(recorded), { mode: 0o600 })
    await rename(`${path}.new`, path)
  }
  return {
    // The folder may have gone with the instance, or the disk be full: the next agent then starts it anew.
    write: current => void serial(() => replace(current)).catch(() => undefined),
    settled: () => serial(async () => undefined),
  }
}
