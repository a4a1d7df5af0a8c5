import type { Readable } from 'node:stream'
import { buildConnector, type Dispatcher, Pool } from 'undici'
import type { Entry, EntryTls } from './access.ts'

/** HTTP to one API server. Requests share some connections; what goes on, such as a watch, has one of its own. */
export interface Connection {
  /** Fails as undici does, or with the signal's reason. */
  send(request: WireRequest): Promise<Dispatcher.ResponseData>
  /** Leaves every connection that is there to those who use it; the next request opens a new one. */
  renew(): void
  close(): Promise<void>
}

export interface WireRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Readable
  readonly signal: AbortSignal
  /** Goes on: its answer is followed and not waited for. */
  readonly stream?: { readonly headersMilliseconds: number; readonly silenceMilliseconds: number }
}

/** Of requests at the same time: enough for a hundred services at once, and not too many for the API server. */
export const CONNECTIONS = 16
const CONNECT_MILLISECONDS = 5000
/** The system then asks once a second, and gives a peer up that is gone after ten more. */
const KEEP_ALIVE_MILLISECONDS = 5000
/** The API server keeps idle connections for longer. */
const IDLE_MILLISECONDS = 60_000

export function connect(entry: Entry): Connection {
  const { origin, pathname } = new URL(entry.server)
  const prefix = pathname === '/' ? '' : pathname
  const closing = new AbortController()
  const connector = connectorOf(entry, closing.signal)
  const open = () => ({
    requests: pool(origin, connector, CONNECTIONS),
    streams: pool(origin, connector, null),
  })
  let pools = open()
  const leaving = new Set<Pool>()
  return {
    async send({ method, path, headers, body, signal, stream }) {
      const through = stream === undefined ? pools.requests : pools.streams
      return await through.request({
        method,
        path: `${prefix}${path}`,
        headers,
        signal,
        headersTimeout: stream?.headersMilliseconds ?? 0,
        bodyTimeout: stream?.silenceMilliseconds ?? 0,
        ...(body === undefined ? {} : { body }),
      })
    },
    renew() {
      for (const old of [pools.requests, pools.streams]) {
        leaving.add(old)
        void old.close().then(() => leaving.delete(old))
      }
      pools = open()
    },
    async close() {
      closing.abort()
      await Promise.all([pools.requests, pools.streams, ...leaving].map(one => one.destroy()))
    },
  }
}

function pool(origin: string, connector: buildConnector.connector, connections: number | null): Pool {
  return new Pool(origin, {
    connect: connector,
    connections,
    pipelining: 1,
    keepAliveTimeout: IDLE_MILLISECONDS,
    keepAliveMaxTimeout: IDLE_MILLISECONDS,
  })
}

/** Asks the entry for each connection; while it says the same, TLS sessions are resumed. */
function connectorOf(entry: Entry, signal: AbortSignal): buildConnector.connector {
  let last: { readonly key: string; readonly connector: buildConnector.connector } | undefined
  const connectorFor = (tls: EntryTls) => {
    const key = JSON.stringify(tls)
    last = last?.key === key ? last : { key, connector: buildConnector(optionsOf(tls)) }
    return last.connector
  }
  return (options, callback) => {
    entry.tls(signal).then(
      tls => connectorFor(tls)(options, callback),
      (error: Error) => callback(error, null),
    )
  }
}

function optionsOf({ ca, client, serverName }: EntryTls): buildConnector.BuildOptions {
  return {
    timeout: CONNECT_MILLISECONDS,
    keepAliveInitialDelay: KEEP_ALIVE_MILLISECONDS,
    ...(ca === undefined ? {} : { ca }),
    ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  }
}
