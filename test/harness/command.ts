import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** What a program said, and its exit code; null when a signal ended it. */
export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly input?: string | AsyncIterable<unknown>
  /** Added to the environment of the tests; undefined takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly folder?: string
}

/** Runs a program to its end. A code other than 0 is an answer; a program that cannot be started is a failure. */
export async function runCommand(
  program: string,
  args: readonly string[],
  { input = '', env = {}, folder }: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: 'pipe',
    ...(folder === undefined ? {} : { cwd: folder }),
  })
  const [stdout, stderr] = [child.stdout, child.stderr].map(stream => {
    let text = ''
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    return () => text
  })
  const closed = once(child, 'close')
  // A program may end without reading all that it is given (EPIPE); its exit code says whether that is fine.
  await Promise.all([
    pipeline(Readable.from(typeof input === 'string' ? [input] : input), child.stdin).catch(() => {}),
    closed,
  ])
  return { code: child.exitCode, stdout: stdout?.() ?? '', stderr: stderr?.() ?? '' }
}
