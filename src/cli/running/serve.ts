import { randomUUID } from 'node:crypto'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { UserError } from '../../model/user-error.ts'
import { boundOwnLog } from '../../targets/local/own-log.ts'
import { TargetUnavailable } from '../../targets/target.ts'
import type { Context } from '../context.ts'
import { VERSION } from '../version.ts'
import { builtAgentEntry } from './entries.ts'
import { personHere } from './person.ts'
import { nameServer } from './server-file.ts'
import { LARGEST_LOG_BYTES, SERVER_LOG } from './server-log.ts'

const USUAL_PORT = 7777

export interface ServeOptions {
  readonly blueprintFile: string
  readonly host: string
  /** Undefined: 7777, or a free one where that is taken. */
  readonly port: number | undefined
  /** Names and addresses that others may use for it. */
  readonly publicHosts: readonly string[]
}

/** Runs the server in this process until SIGINT or SIGTERM; SIGHUP reads the blueprint again. */
export async function serve(context: Context, o: ServeOptions): Promise<void> {
  const folder = dirname(o.blueprintFile)
  const stateFolder = join(folder, '.sluice')
  const stopping = stopSignal(context.signal)
  const instance = randomUUID()
  const log = boundOwnLog({ path: join(stateFolder, SERVER_LOG), maxBytes: LARGEST_LOG_BYTES })
  const databaseUrl = context.environment['DATABASE_URL'] ?? ''
  const server = await start(o, {
    folder,
    instance,
    signal: stopping,
    ...(databaseUrl === '' ? {} : { databaseUrl }),
  })
  const reload = () => void server.reload().catch(tellReload(context))
  process.on('SIGHUP', reload)
  const startedAt = new Date(context.now()).toISOString()
  const stopNaming = await nameServer(stateFolder, { url: server.url, pid: process.pid, startedAt, instance })
  try {
    context.output.note(`Sluice listens on ${server.url}`)
    await aborted(stopping)
  } finally {
    process.off('SIGHUP', reload)
    await server.close()
    await stopNaming()
    log.stop()
  }
}

async function start(
  o: ServeOptions,
  parts: {
    readonly folder: string
    readonly instance: string
    readonly databaseUrl?: string
    readonly signal: AbortSignal
  },
) {
  const { startServer } = await import('../../app.ts')
  const agentEntry = builtAgentEntry()
  return startServer({
    ...parts,
    blueprintFile: o.blueprintFile,
    host: o.host,
    port: await choosePort(o),
    version: VERSION,
    person: await personHere(parts.folder),
    logger: { level: 'info' },
    ...(o.publicHosts.length === 0 ? {} : { publicHosts: o.publicHosts }),
    ...(agentEntry === undefined ? {} : { agentEntry }),
  })
}

function tellReload({ output }: Context): (error: unknown) => void {
  return error => {
    // An agent that is away for a moment is no reason to stop serving.
    if (!(error instanceof UserError) && !(error instanceof TargetUnavailable)) throw error
    output.note(`The blueprint was not taken over. ${error.message}`)
  }
}

/** Asked before anything is started, so that a taken port leaves nothing behind. */
async function choosePort({ host, port }: ServeOptions): Promise<number> {
  if (port === undefined) return (await isFree(host, USUAL_PORT)) ? USUAL_PORT : 0
  if (port === 0 || (await isFree(host, port))) return port
  throw new UserError(`${host}:${port}`, 'something else listens there', 'choose another port with --port')
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else
        reject(
          new UserError(
            `${host}:${port}`,
            `it can not be listened on: ${error.code}`,
            'choose another --host or --port',
          ),
        )
    })
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })
}

function stopSignal(signal: AbortSignal): AbortSignal {
  const ended = new AbortController()
  process.once('SIGTERM', () => ended.abort())
  return AbortSignal.any([signal, ended.signal])
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
