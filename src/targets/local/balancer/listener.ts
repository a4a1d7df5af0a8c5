import type { IncomingMessage, Server } from 'node:http'
import { createServer, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Color } from '../../../model/color.ts'
import { ClientConnections } from './client-connections.ts'
import { Exchange, sendProblem } from './exchange.ts'
import type { Problem } from './problem.ts'
import { rawProblem } from './problem.ts'
import { readRequestHead } from './request-head.ts'
import type { ServiceState } from './service-state.ts'
import type { ClientStream } from './tunnel.ts'

export interface ListenerParts {
  /** Who answers; a problem where nobody does. */
  readonly resolve: (host: string, target: string) => ServiceState | Problem
  readonly only?: Color
  readonly now: () => number
}

export interface Listener {
  readonly port: number
  close(): Promise<void>
}

/** Starts to listen; fails if the port is taken. */
export async function listen(at: { port: number; host: string }, parts: ListenerParts): Promise<Listener> {
  const clients = new ClientConnections()
  const server = createServer(SERVER_OPTIONS)
  // Silently dropping headers beyond a count would change requests; their size is limited anyway.
  server.maxHeadersCount = 0
  server.on('connection', (socket: Socket) => clients.track(socket))
  server.on('request', (req, res) =>
    answer(parts, { req, res, open: clients.openOn(req.socket), client: undefined }),
  )
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, ahead: Buffer) =>
    answerUpgrade(parts, { req, socket, ahead, open: clients.openOn(socket) }),
  )
  server.on('connect', (_: IncomingMessage, socket: Duplex) => {
    socket.end(rawProblem({ status: 405, detail: 'CONNECT is not allowed' }))
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // The last answer is already on its way.
    if (distrusted.has(socket)) return
    // Into the middle of a response a second one must not be written.
    if (!socket.writable || clients.openOn(socket).size > 0) socket.destroy()
    else socket.end(rawProblem(clientProblem(error.code)))
  })
  const port = await started(server, at)
  const close = (): Promise<void> =>
    new Promise(resolve => {
      server.close(() => resolve())
      clients.destroy()
    })
  return { port, close }
}

const SERVER_OPTIONS = {
  insecureHTTPParser: false,
  maxHeaderSize: 16_384,
  noDelay: true,
  optimizeEmptyRequests: true,
  /** A head has to be complete by then, from the first byte on. */
  headersTimeout: 15_000,
  /** Uploads may take their time; silence within one is limited where bodies are read. */
  requestTimeout: 0,
  /** Idle connections are closed together instead. */
  keepAliveTimeout: 0,
  connectionsCheckingInterval: 5000,
  shouldUpgradeCallback: wantsTunnel,
}

/** An upgrade to HTTP/2 in clear text may be ignored (RFC 9113 §3.1), and nothing to tunnel comes with a body. */
function wantsTunnel(req: IncomingMessage): boolean {
  const { upgrade, 'content-length': length, 'transfer-encoding': encoding } = req.headers
  if (upgrade === undefined || /^h2c?$/i.test(upgrade) || req.method !== 'GET') return false
  return encoding === undefined && (length === undefined || length === '0')
}

interface Incoming {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly open: Set<Exchange>
  readonly client: ClientStream | undefined
}

function answer(parts: ListenerParts, incoming: Incoming): void {
  const { req, res, client, open } = incoming
  const head = readRequestHead(req, client === undefined ? undefined : req.headers.upgrade)
  if (head.kind === 'refused') return refuse(incoming, head.problem)
  const service = parts.resolve(head.host, head.target)
  if ('status' in service) return sendProblem(res, service)
  new Exchange({ req, res, head, service, only: parts.only, client, now: parts.now, open }).start()
}

function answerUpgrade(
  parts: ListenerParts,
  { req, socket, ahead, open }: { req: IncomingMessage; socket: Duplex; ahead: Buffer; open: Set<Exchange> },
): void {
  // An upgrade behind unanswered requests of the same connection has no order that both sides agree on.
  if (!(socket instanceof Socket) || open.size > 0) {
    socket.destroy()
    return
  }
  const res = new ServerResponse(req)
  res.shouldKeepAlive = false
  res.assignSocket(socket)
  res.on('finish', () => socket.end())
  socket.on('error', () => socket.destroy())
  answer(parts, { req, res, open, client: { socket, ahead } })
}

const distrusted = new WeakSet<Duplex>()

/** A connection on which something ambiguous came is not believed any more: it closes after this answer. */
function refuse({ req, res }: Incoming, problem: Problem): void {
  distrusted.add(req.socket)
  res.shouldKeepAlive = false
  sendProblem(res, problem)
}

function clientProblem(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return { status: 431, detail: 'the request head is larger than 16 KiB' }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return { status: 408, detail: 'the request was not complete in time' }
  return { status: 400, detail: 'the request is not valid HTTP' }
}

function started(server: Server, at: { port: number; host: string }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: at.port, host: at.host, backlog: 1024 }, () => {
      server.off('error', reject)
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new TypeError('a TCP listener has a port'))
      else resolve(address.port)
    })
  })
}
