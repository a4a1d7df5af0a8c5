import { spawn } from 'node:child_process'
import { open, readFile, rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemErrorCode } from '../../artifacts/disk.ts'
import { makePrivate } from '../../artifacts/private-folder.ts'
import { UserError } from '../../model/user-error.ts'
import type { Context } from '../context.ts'
import type { ServerFile } from '../project-folder.ts'
import { printable } from '../terminal/printable.ts'
import { LARGEST_LOG_BYTES, SERVER_LOG } from './server-log.ts'
import { processExists, serverState } from './server-state.ts'
import { until } from './until.ts'

const START_SECONDS = 30
const STOP_SECONDS = 60
const SHOWN_LOG_LINES = 15

/** Starts the server as a process of its own, and resolves once it answers. */
export async function startServerProcess(
  context: Context,
  o: { readonly blueprintFile: string; readonly port: number | undefined; readonly words: readonly string[] },
): Promise<ServerFile> {
  const stateFolder = join(dirname(o.blueprintFile), '.sluice')
  await makePrivate(stateFolder)
  const logPath = join(stateFolder, SERVER_LOG)
  await rotate(logPath)
  const logStart = await sizeOf(logPath)
  const child = await spawnServer(context, { logPath, ...o })
  let ended = false
  child.once('exit', () => {
    ended = true
  })
  const look = async () => {
    if (ended) return 'ended'
    const state = await serverState(stateFolder)
    return state.kind === 'running' && state.file.pid === child.pid ? state.file : undefined
  }
  try {
    const found = await until<ServerFile | 'ended'>({ seconds: START_SECONDS, signal: context.signal, look })
    if (typeof found === 'object') return found
    const what =
      found === 'ended' ? 'the server ended at once' : `the server did not answer within ${START_SECONDS} s`
    throw new UserError(logPath, what, `its log ends with:\n${await lastLines(logPath, logStart)}`)
  } catch (error) {
    child.kill('SIGTERM')
    throw error
  } finally {
    child.unref()
  }
}

async function spawnServer(
  { environment }: Context,
  o: {
    readonly logPath: string
    readonly blueprintFile: string
    readonly port: number | undefined
    readonly words: readonly string[]
  },
) {
  const log = await openLog(o.logPath)
  try {
    const port = o.port === undefined ? [] : ['--port', String(o.port)]
    const child = spawn(process.execPath, [...o.words, 'server', '--file', o.blueprintFile, ...port], {
      cwd: dirname(o.blueprintFile),
      // Of a session of its own: neither Ctrl-C nor the end of the terminal reaches it.
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...environment, NO_COLOR: '1' },
    })
    child.on('error', () => undefined)
    return child
  } finally {
    await log.close()
  }
}

async function openLog(path: string) {
  try {
    return await open(path, 'a', 0o600)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === undefined) throw error
    throw new UserError(path, `it can not be written (${code})`, 'make it and its folder yours to write to')
  }
}

async function rotate(path: string): Promise<void> {
  if ((await sizeOf(path)) > LARGEST_LOG_BYTES) await rename(path, `${path}.1`)
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}

/** What this start wrote, at its end. */
async function lastLines(path: string, from: number): Promise<string> {
  const written = (await readFile(path)).subarray(from).toString('utf8').trimEnd()
  const lines = written.split('\n').slice(-SHOWN_LOG_LINES)
  return lines.map(line => `  ${printable(line)}`).join('\n')
}

/** Asks a server that was proven to be ours to end, and waits until it has; false when it takes too long. */
export async function stopServerProcess(file: ServerFile, signal: AbortSignal): Promise<boolean> {
  process.kill(file.pid, 'SIGTERM')
  const look = async () => (processExists(file.pid) ? undefined : true)
  return (await until({ seconds: STOP_SECONDS, signal, look })) ?? false
}
