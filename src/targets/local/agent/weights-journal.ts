import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Weights } from '../../../model/color.ts'
import type { ServiceRef } from '../../target.ts'
import type { AgentState } from './agent-state.ts'

/**
 * Weights set since the state was last written. A switch waits for this: adding a line is durable about ten times
 * sooner than replacing a file.
 */
export interface WeightsJournal {
  /** Number of the latest entry. */
  readonly sequence: number
  /** Resolves when the entry is on the disk. */
  add(service: ServiceRef, weights: Weights): Promise<void>
  /** Empties the journal, unless there are entries after this one. */
  forget(upTo: number): Promise<void>
  close(): Promise<void>
}

interface Entry extends ServiceRef {
  readonly sequence: number
  readonly weights: Weights
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
    async add({ environment, service }, weights) {
      sequence += 1
      const entry: Entry = { sequence, environment, service, weights }
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
function apply(state: AgentState, { sequence, environment, service, weights }: Entry): AgentState {
  const kept = state.environments[environment]
  const before = kept?.services[service]
  if (sequence <= state.sequence || kept === undefined || before === undefined) return state
  const services = { ...kept.services, [service]: { ...before, weights } }
  return { ...state, sequence, environments: { ...state.environments, [environment]: { ...kept, services } } }
}
