import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { PreviewEndpoint } from '../target.ts'
import type { Cluster, ProxyRequest, ProxyResponse } from './api/cluster.ts'

/** A way from this machine to Services inside the cluster, through the API server. */
export interface PreviewForwarder {
  /** The same for the same name. The first call opens the port; where a request goes is asked when it comes. */
  endpoint(name: string, find: FindPlace): Promise<PreviewEndpoint>
  close(): Promise<void>
}

export type FindPlace = (signal: AbortSignal) => Promise<ProxyRequest['to']>

const REQUEST_MILLISECONDS = 60_000
const MOST_REQUESTS = 64
/** What belongs to one connection and not to the message (RFC 9110, 7.6.1), and what is set anew. */
const OWN_HEADERS = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

export function createPreviewForwarder(cluster: Pick<Cluster, 'proxy'>): PreviewForwarder {
  // Loopback is open to everybody on this machine: whoever does not know the path gets in nowhere.
  const secrets = new Map<string, string>()
  const previews = new Map<string, FindPlace>()
  let opening: Promise<Server> | undefined
  let running = 0
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const [, secret = '', path = '/'] = /^\/([^/?]*)(.*)$/s.exec(request.url ?? '') ?? []
    const find = previews.get(secret)
    if (find === undefined) return answer(response, 404, 'there is no such preview')
    if (running >= MOST_REQUESTS)
      return answer(response, 503, `the preview is asked ${MOST_REQUESTS} things already`)
    running += 1
    try {
      await forward({ cluster, find, path, request, response })
    } finally {
      running -= 1
    }
  }
  const open = async () => {
    const server = createServer({ requestTimeout: REQUEST_MILLISECONDS }, (request, response) => {
      void serve(request, response)
    })
    const listening = Promise.withResolvers<void>()
    server.once('error', listening.reject)
    server.listen(0, '127.0.0.1', listening.resolve)
    await listening.promise
    return server.unref()
  }
  return {
    async endpoint(name, find) {
      const server = await (opening ??= open())
      const secret = secrets.get(name) ?? randomBytes(16).toString('hex')
      secrets.set(name, secret)
      previews.set(secret, find)
      const address = server.address() as AddressInfo
      return { origin: `http://127.0.0.1:${address.port}/${secret}`, headers: {} }
    },
    async close() {
      const server = await opening
      if (server === undefined) return
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      server.closeAllConnections()
      await closed.promise
    },
  }
}

const AGAIN_MILLISECONDS = 250
const AGAIN_TIMES = 40

/** An API server that has just started, or learns of an instance a moment after it is ready, says 503 in its place. */
async function onceAvailable(
  ask: () => Promise<ProxyResponse>,
  { mayRepeat, signal }: { readonly mayRepeat: boolean; readonly signal: AbortSignal },
): Promise<ProxyResponse> {
  for (let left = mayRepeat ? AGAIN_TIMES : 0; ; left -= 1) {
    const answered = await ask()
    if (answered.status !== 503 || left <= 0) return answered
    answered.body.resume()
    await wait(AGAIN_MILLISECONDS, undefined, { signal })
  }
}

interface Forwarded {
  readonly cluster: Pick<Cluster, 'proxy'>
  readonly find: FindPlace
  readonly path: string
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

async function forward({ cluster, find, path, request, response }: Forwarded): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(REQUEST_MILLISECONDS)])
  try {
    const hasBody =
      request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
    const ask = async () =>
      await cluster.proxy({
        to: await find(signal),
        method: request.method ?? 'GET',
        path: path.startsWith('/') ? path : `/${path}`,
        headers: Object.fromEntries(
          messageHeaders(request.headers).map(([name, value]) => [name, String(value)]),
        ),
        ...(hasBody ? { body: request } : {}),
        signal,
      })
    const answered = await onceAvailable(ask, { mayRepeat: !hasBody && request.method === 'GET', signal })
    for (const [name, value] of messageHeaders(answered.headers)) response.setHeader(name, value)
    response.writeHead(answered.status)
    await pipeline(answered.body, response)
  } catch (error) {
    if (response.headersSent) response.destroy()
    else answer(response, 502, error instanceof Error ? error.message : String(error))
  }
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** Those that belong to the message. Of a request no header but cookies to be set, which it has none of, comes as a list. */
function messageHeaders(headers: Headers): readonly (readonly [string, string | readonly string[]])[] {
  const named = String(headers['connection'] ?? '')
    .toLowerCase()
    .split(/\s*,\s*/)
  return Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || OWN_HEADERS.has(name) || named.includes(name) ? [] : [[name, value] as const],
  )
}

function answer(response: ServerResponse, status: number, text: string): void {
  if (!response.destroyed) response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`)
}
