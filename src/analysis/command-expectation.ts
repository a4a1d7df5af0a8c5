import { spawn } from 'node:child_process'
import type { Verification } from '../model/service-spec.ts'
import type { PreviewEndpoint } from '../targets/target.ts'

type CommandExpectation = Extract<Verification, { kind: 'command' }>

/** The end of the output is what tells why; more than this is not kept. */
const OUTPUT_CHARACTERS = 2000

/**
 * Runs the command in `folder` with the preview's origin in SLUICE_PREVIEW_URL and a minimal environment;
 * exit code 0 passes. The command's whole process group ends with its time.
 */
export function checkCommand(
  expected: CommandExpectation,
  run: { readonly endpoint: PreviewEndpoint; readonly folder: string; readonly path: string },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const [program, ...args] = expected.command
  if (program === undefined) return Promise.resolve(['the command is empty'])
  const shown = expected.command.join(' ')
  const limit = AbortSignal.any([signal, AbortSignal.timeout(expected.timeoutSeconds * 1000)])
  return new Promise(resolve => {
    const child = spawn(program, args, {
      cwd: run.folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: run.path, SLUICE_PREVIEW_URL: run.endpoint.origin },
    })
    let output = ''
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-OUTPUT_CHARACTERS)
    }
    const stop = (): void => endGroup(child.pid)
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    limit.addEventListener('abort', stop, { once: true })
    const end = (problems: readonly string[]): void => {
      limit.removeEventListener('abort', stop)
      resolve(problems)
    }
    child.once('error', error => end([`${shown}: ${error.message}`]))
    child.once('close', (code, killedBy) => {
      if (code === 0) return end([])
      const why = limit.aborted
        ? `did not end within ${expected.timeoutSeconds} s`
        : `ended with ${code ?? killedBy}`
      end([`${shown}: ${why}: ${output.trim()}`])
    })
  })
}

/** The command may have started others: all of its group goes. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
