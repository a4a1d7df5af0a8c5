import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import type { LogLine } from '../../target.ts'
import { splitLines } from './line-splitter.ts'
import { isGroupAlive, signalGroup } from './process-identity.ts'

/** How a process ended, in words: `exited with code 1`. */
export type Ending = string

export interface InstanceProcess {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined
  /** The process that was started has ended; others of its group may be left. */
  readonly ended: Promise<Ending>
  /** All output has been read, or whoever still holds the pipe did not close it soon. */
  readonly outputEnded: Promise<void>
  /** SIGTERM to the group, SIGKILL to what is left of it after the grace. */
  stop(graceSeconds: number): Promise<void>
  /** SIGKILL to the group. */
  kill(): void
}

export interface ProcessOptions {
  readonly command: readonly string[]
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly onLine: (stream: LogLine['stream'], text: string) => void
  /** Holds the output while it is pending. */
  readonly hold: () => Promise<void> | undefined
}

const GROUP_POLL_MILLISECONDS = 20
const OUTPUT_MILLISECONDS = 250
/** A killed process that waits for a disk ends later; nobody waits for that. */
const KILLED_SECONDS = 2

/** Starts a process as the leader of its own group. */
export function startProcess(options: ProcessOptions): InstanceProcess {
  const [program = '', ...parameters] = options.command
  const child = spawn(program, parameters, {
    cwd: options.folder,
    env: options.environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = endingOf(child, program)
  const closed = new Promise<void>(resolve => child.once('close', () => resolve()))
  readLines(child.stdout, { ...options, stream: 'stdout' })
  readLines(child.stderr, { ...options, stream: 'stderr' })
  return {
    pid: child.pid,
    ended,
    outputEnded: ended.then(() => Promise.race([closed, wait(OUTPUT_MILLISECONDS)])),
    stop: graceSeconds => stopGroup(child.pid, graceSeconds),
    kill() {
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL')
    },
  }
}

function endingOf(child: ChildProcess, program: string): Promise<Ending> {
  return new Promise(resolve => {
    child.once('error', error => resolve(`cannot be started: ${startFailure(error, program)}`))
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `exited with code ${code}` : `was ended by ${signal}`)
    })
  })
}

function startFailure(error: Error, program: string): string {
  const code = 'code' in error ? String(error.code) : error.message
  if (code === 'ENOENT') return `there is no program "${program}" in the bundle or on the PATH`
  if (code === 'EACCES') return `"${program}" may not be executed`
  return code
}

function readLines(
  output: Readable | null,
  { stream, onLine, hold }: Pick<ProcessOptions, 'onLine' | 'hold'> & { stream: LogLine['stream'] },
): void {
  if (output === null) return
  const lines = splitLines(text => onLine(stream, text))
  output.on('data', (chunk: Buffer) => {
    lines.push(chunk)
    const held = hold()
    if (held === undefined) return
    output.pause()
    held.then(
      () => output.resume(),
      () => output.resume(),
    )
  })
  output.on('end', () => lines.end())
  // A pipe that breaks ends the output; how the process ended is told by the process.
  output.on('error', () => lines.end())
}

/** Ends every process of a group: asks first, then makes sure. */
export async function stopGroup(group: number | undefined, graceSeconds: number): Promise<void> {
  if (group === undefined || !signalGroup(group, 'SIGTERM')) return
  if (await isGoneWithin(group, graceSeconds)) return
  signalGroup(group, 'SIGKILL')
  // Who still writes into a folder keeps it from being removed.
  await isGoneWithin(group, KILLED_SECONDS)
}

async function isGoneWithin(group: number, seconds: number): Promise<boolean> {
  const deadline = performance.now() + seconds * 1000
  while (await isGroupAlive(group)) {
    if (performance.now() >= deadline) return false
    await wait(GROUP_POLL_MILLISECONDS)
  }
  return true
}
