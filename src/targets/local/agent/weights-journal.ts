import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Weights } from '../../../model/color.ts'
import type { Fence } from '../../../model/fence.ts'
import type { ServiceRef } from '../../target.ts'
import type { AgentState } from './agent-state.ts'
import { fenceKey } from './fences.ts'

/**
 * Weights set since the state was last written. A switch waits for this: adding a line is durable about ten times
 * sooner than replacing a file.
 */
export interface WeightsJournal {
  /** Number of the latest entry. */
  readonly sequence: number
  /** Resolves when the entry is on the disk. */
  add(shift: KeptShift): Promise<void>
  /** Empties the journal, unless there are entries after this one. */
  forget(upTo: number): Promise<void>
  close(): Promise<void>
}

export interface KeptShift extends ServiceRef {
  readonly weights: Weights
  readonly fence: Fence
}

interface Entry extends Omit<KeptShift, 'fence'> {
  readonly sequence: number
  /** Absent in what an earlier version wrote. */
  readonly fence?: Fence
}

const FILE = 'weights.journal'

/** Opens the journal, and brings the state up to date with what it holds. */
export async function openJournal(
  folder: string,
  state: AgentState | undefined,
): Promise<{ readonly journal: WeightsJournal; readonly state: AgentState | undefined }> {
  const path = join(folder, FILE)
  const entries = parse(await readFile(path, 'utf8').catch(() => ''))
  const current = state === undefined ? undefined : entries.reduce(apply, state)
  const file = await open(path, 'a', 0o600)
  return { journal: createJournal(file, current?.sequence ?? 0), state: current }
}

function createJournal(file: FileHandle, first: number): WeightsJournal {
  let sequence = first
  return {
    get sequence() {
      return sequence
    },
    async add({ environment, service, weights, fence }) {
      sequence += 1
      const entry: Entry = { sequence, environment, service, weights, fence }
      // The line feed first: a line that was cut off by a crash ends there.
      // A single write may take only a part, as the last one before the disk is full does, and not fail.
      await file.appendFile(`\n${JSON.stringify(entry)}\n`)
      await file.datasync()
    },
    async forget(upTo) {
      if (sequence === upTo) await file.truncate(0)
    },
    close: () => file.close(),
  }
}

function parse(text: string): readonly Entry[] {
  return text.split('\n').flatMap(line => {
    try {
      if (line === '') return []
      const entry: Entry = JSON.parse(line)
      return [entry]
    } catch {
      // Cut off by a crash before anyone was told that it was kept.
      return []
    }
  })
}

/** Passes over what the state already holds, and what is not there any more. */
function apply(before: AgentState, { sequence, weights, fence, ...ref }: Entry): AgentState {
  if (sequence <= before.sequence) return before
  const fences = fence === undefined ? before.fences : { ...before.fences, [fenceKey(ref)]: fence }
  const state = { ...before, sequence, ...(fences === undefined ? {} : { fences }) }
  const { environment, service } = ref
  const kept = state.environments[environment]
  const known = kept?.services[service]
  if (kept === undefined || known === undefined) return state
  const services = { ...kept.services, [service]: { ...known, weights } }
  return { ...state, environments: { ...state.environments, [environment]: { ...kept, services } } }
}
