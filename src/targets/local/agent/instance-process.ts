import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import type { InstanceOutput, NewOutput } from './instance-output.ts'
import { groupHasEnvironment, isLiving, type KnownProcess, signalGroup } from './process-identity.ts'
import { stopGroup } from './stop-group.ts'

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
  kill(): Promise<void>
}

export interface ProcessOptions {
  readonly command: readonly string[]
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly output: NewOutput
}

const OUTPUT_MILLISECONDS = 250
/** The system tells nobody but its parent of a process's end. */
const ADOPTED_POLL_MILLISECONDS = 200
const ADOPTED_ENDING = 'has ended; nobody knows how, since an earlier agent had started it'

/** Starts a process as the leader of its own group. */
export function startProcess({ command, folder, environment, output }: ProcessOptions): InstanceProcess {
  const [program = '', ...parameters] = command
  try {
    const child = spawn(program, parameters, {
      cwd: folder,
      env: environment,
      detached: true,
      stdio: ['ignore', output.stdout, output.stderr],
    })
    const ended = endingOf(child, program)
    return {
      pid: child.pid,
      ended,
      outputEnded: outputEnd(ended, output),
      stop: graceSeconds => stopGroup(child.pid, graceSeconds),
      async kill() {
        if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL')
      },
    }
  } finally {
    output.handOver()
  }
}

/** Takes over a process that an earlier agent started. `mark` is in the environment of all that belong to it. */
export function adoptProcess(
  { pid, start, mark }: KnownProcess & { readonly mark: string },
  output: InstanceOutput | undefined,
): InstanceProcess {
  const ended = whenGone({ pid, start }, output).then(() => ADOPTED_ENDING)
  // The number of a group of which nobody is left may be another's by now.
  const isOurs = async () => (await isLiving({ pid, start })) || (await groupHasEnvironment(pid, mark))
  return {
    pid,
    ended,
    outputEnded: outputEnd(ended, output),
    async stop(graceSeconds) {
      if (await isOurs()) await stopGroup(pid, graceSeconds)
    },
    async kill() {
      if (await isOurs()) signalGroup(pid, 'SIGKILL')
    },
  }
}

async function whenGone(known: KnownProcess, output: InstanceOutput | undefined): Promise<void> {
  const silence = new AbortController()
  // Whoever closes its output has most likely ended: no need to wait for the next look.
  void output?.ended.then(() => silence.abort())
  while (await isLiving(known)) {
    // Not a race with a promise: each would be kept as long as the process lives.
    const cutShort = silence.signal.aborted ? {} : { signal: silence.signal }
    await wait(ADOPTED_POLL_MILLISECONDS, undefined, cutShort).catch(() => undefined)
  }
}

function outputEnd(ended: Promise<Ending>, output: InstanceOutput | undefined): Promise<void> {
  return ended.then(() => Promise.race([output?.ended, wait(OUTPUT_MILLISECONDS)]))
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
