import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'

const ENTRY = fileURLToPath(new URL('../main.ts', import.meta.url))

export interface CliResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliRun {
  /** What it wrote on stdout so far. */
  stdout(): string
  stderr(): string
  interrupt(): void
  readonly ended: Promise<CliResult>
}

export interface CliOptions {
  readonly folder?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
}

/** Starts the real entry as a process, without the caller's own settings. */
export function startCli(words: readonly string[], options: CliOptions = {}): CliRun {
  const child = spawn(process.execPath, [ENTRY, ...words], {
    cwd: options.folder ?? tmpdir(),
    env: {
      PATH: process.env.PATH,
      HOME: tmpdir(),
      TZ: 'UTC',
      XDG_CACHE_HOME: process.env.XDG_CACHE_HOME,
      ...options.environment,
    },
    stdio: 'pipe',
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  child.stdin.end(options.input ?? '')
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }))
  return { stdout: () => stdout, stderr: () => stderr, interrupt: () => child.kill('SIGINT'), ended }
}

export async function runCli(words: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(words, options).ended
}
