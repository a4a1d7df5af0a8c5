import { chmod, mkdir, realpath } from 'node:fs/promises'
import type { Server } from 'node:http'
import { dirname, join, resolve } from 'node:path'
import { openArtifactStore } from '../../../artifacts/content-store.ts'
import { makePrivate } from '../../../artifacts/private-folder.ts'
import { createBalancer } from '../balancer/balancer.ts'
import { PROTOCOL } from '../protocol.ts'
import { Adoptables, findAdoptables } from './adoptables.ts'
import { lockFolder, prepareSocket, removeSocket } from './agent-folder.ts'
import { readState } from './agent-state.ts'
import { createApi } from './api.ts'
import { openBundles } from './bundles.ts'
import { complain } from './complain.ts'
import { createEvents } from './events.ts'
import { Fleet } from './fleet.ts'
import { endLeftovers, leftFolders } from './leftovers.ts'
import { LOG_LIMITS, type LogLimits, LogStore } from './log-store.ts'
import { Autoscaler, SCALING_TIMING, type ScalingTiming } from './scaling/autoscaler.ts'
import { createWallClock } from './wall-clock.ts'
import { openJournal } from './weights-journal.ts'

export interface RunAgentOptions {
  /** Private folder of the agent: socket, state, secrets, logs, instances. One agent at a time. */
  readonly folder: string
  /** The artifact store's folder; beside the agent's own unless given. */
  readonly artifacts?: string
  /** What `hello` tells. */
  readonly version?: string
  readonly logLimits?: LogLimits
  readonly scaling?: ScalingTiming
  /** Takes a line of the agent's own log. */
  readonly tell?: (line: string) => void
}

export interface RunningAgent {
  readonly socket: string
  /** Ends every instance gracefully; what is kept stays for the next agent. */
  close(): Promise<void>
  /** Resolves when it was closed, by whomever. */
  readonly closed: Promise<void>
}

/** Brings back what the folder's last agent ran, and serves clients on a private socket. */
export async function runAgent(options: RunAgentOptions): Promise<RunningAgent> {
  await makePrivate(resolve(options.folder))
  const folder = await realpath(options.folder)
  const lock = lockFolder(folder)
  // Before anything runs: an agent that nobody could find would have to leave it running.
  const socket = await prepareSocket(folder)
  const instances = join(folder, 'instances')
  const names = await leftFolders(instances)
  const left = await findAdoptables(instances, names)
  const adoptables = new Adoptables(left)
  await mkdir(instances, { recursive: true, mode: 0o700 })
  const store = await openArtifactStore(options.artifacts ?? join(dirname(folder), 'artifacts'))
  const now = createWallClock()
  const balancer = createBalancer({ now })
  const events = createEvents()
  const { journal, state } = await openJournal(folder, await readState(folder))
  const fleet = new Fleet({
    folder,
    balancer,
    journal,
    bundles: await openBundles(join(folder, 'bundles'), {
      store,
      adopted: new Set(left.map(({ artifact }) => artifact)),
    }),
    adoptables,
    logStore: new LogStore(join(folder, 'logs'), options.logLimits ?? LOG_LIMITS),
    onEvent: service => events.emit(service),
  })
  if (state !== undefined) await fleet.restore(state)
  // After all that users wait for, and beside what they do from now on.
  const leftoversEnded = endLeftovers({ instancesFolder: instances, names, kept: adoptables.taken }).catch(
    complain('ending what an earlier agent left'),
  )
  const autoscaler = new Autoscaler({
    services: () => fleet.services,
    balancer,
    now,
    timing: options.scaling ?? SCALING_TIMING,
    scale: (slot, count) => fleet.scale(slot, count),
    tell: options.tell ?? console.log,
  })
  const closed = Promise.withResolvers<void>()
  const closeOnce = onlyOnce(async () => {
    autoscaler.stop()
    await Promise.all([fleet.close(), leftoversEnded])
    await journal.close()
    server.close()
    server.closeAllConnections()
    await removeSocket(folder, socket)
    lock.release()
    closed.resolve()
  })
  const hello = { protocol: PROTOCOL, pid: process.pid, version: options.version ?? '0.0.0' }
  const server = createApi({ fleet, balancer, events, hello, shutDown: () => void closeOnce() })
  await listen(server, socket)
  autoscaler.start()
  return { socket, close: closeOnce, closed: closed.promise }
}

async function listen(server: Server, socket: string): Promise<void> {
  const { promise, resolve: listening, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(socket, listening)
  await promise
  await chmod(socket, 0o600)
}

function onlyOnce(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= act())
}
