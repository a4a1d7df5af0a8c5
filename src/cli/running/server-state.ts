import { readFileSync } from 'node:fs'
import { json } from 'node:stream/consumers'
import { UserError } from '../../model/user-error.ts'
import { send } from '../api/http.ts'
import { readServerFile, type ServerFile } from '../project-folder.ts'

/** What is known of the server of a folder. */
export type ServerState =
  | { readonly kind: 'none' }
  /** It answered as the very one that wrote the file. */
  | { readonly kind: 'running'; readonly file: ServerFile }
  /** The process that wrote the file is gone. */
  | { readonly kind: 'gone'; readonly file: ServerFile }
  /** A process with its id is there and does not answer as it: maybe it hangs, maybe the id is another's by now. */
  | { readonly kind: 'unproven'; readonly file: ServerFile }

const PATIENCE_SECONDS = 3

export async function serverState(stateFolder: string): Promise<ServerState> {
  const file = readServerFile(stateFolder)
  if (file === undefined) return { kind: 'none' }
  const instance = await askInstance(file.url)
  if (instance !== undefined && instance === file.instance) return { kind: 'running', file }
  return { kind: processExists(file.pid) ? 'unproven' : 'gone', file }
}

/** What the server at an address calls itself; undefined when nothing answers there as one. */
export async function askInstance(address: string): Promise<string | undefined> {
  try {
    const answer = await send({
      method: 'GET',
      url: new URL('/healthz', address),
      headers: {},
      signal: AbortSignal.timeout(PATIENCE_SECONDS * 1000),
      silenceSeconds: PATIENCE_SECONDS,
    })
    const body = (await json(answer)) as { readonly instance?: unknown }
    return typeof body.instance === 'string' ? body.instance : undefined
  } catch (error) {
    if (error instanceof UserError || error instanceof SyntaxError || isTimeout(error)) return undefined
    throw error
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')
}

export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Ended, and kept by the system only until its parent asks (proc(5), the state in /proc/PID/stat). */
function isZombie(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
