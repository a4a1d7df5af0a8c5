import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFolder } from '../../../artifacts/disk.ts'
import type { Color, Weights } from '../../../model/color.ts'
import type { Workload } from '../../../model/release.ts'
import type { KeptFences } from './fences.ts'

/** All that an agent needs to bring back what it ran; secret values are kept elsewhere. */
export interface AgentState {
  readonly version: 1
  /** The latest entry of the journal of weights that is part of this state. */
  readonly sequence: number
  readonly environments: Readonly<Record<string, EnvironmentState>>
  /** Absent where nobody has ever shown one. */
  readonly fences?: KeptFences
}

export interface EnvironmentState {
  readonly port: number
  readonly services: Readonly<Record<string, ServiceState>>
}

export interface ServicePorts {
  readonly service: number
  readonly blue: number
  readonly green: number
}

export interface ServiceState {
  readonly ports: ServicePorts
  /** Absent until users were first sent to the service. */
  readonly weights?: Weights
  readonly slots: { readonly [color in Color]?: SlotState }
}

export interface SlotState {
  readonly workload: Workload
  readonly count: number
  /** Releases that were still being replaced. */
  readonly replaced: readonly { readonly workload: Workload; readonly count: number }[]
}

const FILE = 'state.json'

/** Undefined before anything was kept. */
export async function readState(folder: string): Promise<AgentState | undefined> {
  const text = await readIfThere(join(folder, FILE))
  if (text === undefined) return undefined
  const state: AgentState = JSON.parse(text)
  if (state.version !== 1) throw new Error(`${join(folder, FILE)} was written by another version of Sluice`)
  return state
}

/** Keeps the state as it is when writing begins; calls that come meanwhile share the next write. */
export function createStateWriter(
  folder: string,
  o: { readonly current: () => AgentState; readonly onWritten: (state: AgentState) => Promise<void> },
): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  const write = async () => {
    const state = o.current()
    await writeDurably(join(folder, FILE), JSON.stringify(state))
    await o.onWritten(state)
  }
  const start = (): Promise<void> => {
    next = undefined
    const own = write()
    running = own
    const clear = () => {
      if (running === own) running = undefined
    }
    own.then(clear, clear)
    return own
  }
  return () => {
    if (running === undefined) return start()
    next ??= running.then(start, start)
    return next
  }
}

/** The file's old content or the new one, whatever happens meanwhile; on the disk when this resolves. */
export async function writeDurably(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.new`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  await syncFolder(dirname(path))
}

/** Secret values of a slot, by release: in a file of their own, private, and gone with the slot. */
export interface SecretFile {
  write(secrets: SlotSecrets): Promise<void>
  read(): Promise<SlotSecrets>
  remove(): Promise<void>
}

/** Release, then secret name, to value. */
export type SlotSecrets = Readonly<Record<string, Readonly<Record<string, string>>>>

export function secretFile(folder: string, name: string): SecretFile {
  const path = join(folder, 'secrets', `${name}.json`)
  return {
    write: secrets => writeDurably(path, JSON.stringify(secrets)),
    async read() {
      const secrets: SlotSecrets = JSON.parse((await readIfThere(path)) ?? '{}')
      return secrets
    },
    remove: () => rm(path, { force: true }),
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
