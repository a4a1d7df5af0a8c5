import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventually } from './eventually.ts'

const HOLDER = fileURLToPath(new URL('leash-holder.ts', import.meta.url))
const LOG_LINES_SHOWN = 15

/** Servers under test and their folder. They end and it goes with the test process, however that ends. */
export interface Leash {
  /** A temporary folder for all that the servers keep. */
  readonly folder: string
  start(server: LeashedServer): LeashedProcess
  /** A program with its arguments that runs once the servers have ended, for what does not end with them. */
  afterwards(command: readonly string[]): void
  /** Ends the servers, the last one first, and removes the folder. */
  release(): Promise<void>
}

export interface LeashedServer {
  readonly program: string
  readonly args: readonly string[]
  /** Of its log in the folder; the program's without it. */
  readonly name?: string
  /** All that it finds in its environment; what this process has without it. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Asked to end with SIGTERM first, because it has something to clean up; others are ended at once. */
  readonly gentle?: boolean
  /** Asked by this signal instead. */
  readonly endedBy?: NodeJS.Signals
  /** Whom to run it as, where this process is root and the server refuses to be. */
  readonly user?: { readonly uid: number; readonly gid: number }
}

export interface LeashedProcess {
  readonly pid: number
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
  /** Asks until the answer is yes; fails with the last lines of the log when the server ends before or time is up. */
  ready(ask: () => Promise<boolean>, seconds: number): Promise<void>
}

export async function createLeash(name: string): Promise<Leash> {
  const folder = await mkdtemp(join(tmpdir(), `sluice-${name}-`))
  // It ends the servers when its input ends, which the system sees to even when this process is killed.
  const holder = spawn(process.execPath, [HOLDER, folder], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  })
  const released = once(holder, 'exit')
  holder.unref()
  const input = holder.stdin as Socket
  input.unref()
  return {
    folder,
    start(server) {
      const started = startServer(folder, server)
      input.write(`${started.pid} ${server.endedBy ?? (server.gentle === true ? 'SIGTERM' : 'SIGKILL')}\n`)
      // Its number may be another process's from now on.
      void started.ended.then(() => input.writable && input.write(`${started.pid} ended\n`))
      return started
    },
    afterwards(command) {
      input.write(`afterwards ${JSON.stringify(command)}\n`)
    },
    async release() {
      holder.ref()
      input.end()
      await released
    },
  }
}

function startServer(folder: string, server: LeashedServer): LeashedProcess {
  const { program, args, user, name = program.split('/').at(-1), env = process.env } = server
  const logFile = join(folder, `${name}.log`)
  const log = openSync(logFile, 'a')
  // A group of its own: the terminal's Ctrl-C reaches the test process only, and the holder ends all in order.
  const child = spawn(program, args, {
    // Debian keeps servers in sbin, which a plain user's PATH may not name.
    env: { ...env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
    stdio: ['ignore', log, log],
    detached: true,
    ...user,
  })
  closeSync(log)
  child.unref()
  const exit = once(child, 'exit')
  const failed = exit.then(([code]) => {
    throw new Error(`${program} ended with ${code}`)
  })
  failed.catch(() => {})
  return {
    // A program that could not be started has no id; `ready` then fails with the reason.
    pid: child.pid ?? 0,
    ended: exit.then(
      () => undefined,
      () => undefined,
    ),
    async ready(ask, seconds) {
      try {
        await Promise.race([eventually(`${program} is ready`, ask, seconds), failed])
      } catch (error) {
        const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-LOG_LINES_SHOWN)
        throw new Error(`${program} does not answer; its last lines:\n${lines.join('\n')}`, { cause: error })
      }
    },
  }
}
