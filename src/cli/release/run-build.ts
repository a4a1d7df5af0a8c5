import { spawn } from 'node:child_process'
import { UserError } from '../../model/user-error.ts'
import { printable } from '../terminal/printable.ts'

const KEPT_LINES = 40

/** Runs a service's build command in its folder; what it writes is told only when it fails. */
export async function runBuild(o: {
  readonly service: string
  readonly command: readonly string[]
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  say(line: string): void
}): Promise<void> {
  const [program = '', ...words] = o.command
  const lines: string[] = []
  const keep = (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n')) if (line.trim() !== '') lines.push(line)
    lines.splice(0, lines.length - KEPT_LINES)
    o.say(printable(lines.at(-1) ?? ''))
  }
  const ended = await new Promise<string | undefined>((resolve, reject) => {
    const child = spawn(program, words, {
      cwd: o.folder,
      env: withoutSluice(o.environment),
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: o.signal,
    })
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', error =>
      isMissing(error) ? resolve('there is no such program that may be run') : reject(error),
    )
    child.on('close', (code, signal) =>
      resolve(code === 0 ? undefined : `it ended with ${signal ?? `code ${code}`}`),
    )
  })
  if (ended === undefined) return
  const shown =
    lines.length === 0
      ? 'it wrote nothing'
      : `its last lines were:\n${lines.map(line => `  ${line}`).join('\n')}`
  throw new UserError(
    `services.${o.service}.build`,
    `\`${o.command.join(' ')}\` failed in ${o.folder}: ${ended}`,
    `mend the build and try again; ${shown}`,
  )
}

/** EACCES: not executable, or a folder of the PATH that this user may not enter came before the end of the search. */
function isMissing(error: Error): boolean {
  return 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES')
}

/** A build has no business with the token of the one who runs it. */
function withoutSluice(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('SLUICE_')))
}
