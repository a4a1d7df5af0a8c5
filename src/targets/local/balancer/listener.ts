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
  server.on('request', (req, res) => {
    // What was behind something ambiguous is as ambiguous; the connection closes with the answer before.
    if (distrusted.has(req.socket)) return
    answer(parts, { req, res, open: clients.openOn(req.socket), client: undefined })
  })
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, ahead: Buffer) =>
    answerUpgrade(parts, { req, socket, ahead, open: clients.openOn(socket) }),
  )
  server.on('connect', (_: IncomingMessage, socket: Duplex) => {
    socket.end(rawProblem({ status: 405, detail: 'CONNECT is not allowed' }))
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // The last answer is already on its way.
    if (distrusted.has(socket)) return
    const open = clients.openOn(socket)
    // What follows a request that was said to be the last is not read (RFC 9112 §9.6), and does not undo that request.
    if (error.code === 'HPE_CLOSED_CONNECTION' && open.size > 0) return
    const problem = clientProblem(error.code)
    const [first] = open
    if (socket.writable && open.size === 1 && first?.refuseRest(problem) === true) return
    // Into the middle of a response a second one must not be written, nor one that another request would take for its own.
    if (!socket.writable || open.size > 0) socket.destroy()
    else socket.end(rawProblem(problem))
  })
  server.on('checkExpectation', (req, res) => {
    const detail = 'only 100-continue can be expected here'
    refuse({ req, res, open: clients.openOn(req.socket), client: undefined }, { status: 417, detail })
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
  /** Refused with all other heads that make no sense: the server's own answer would not end the connection's trust. */
  requireHostHeader: false,
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

/**
 * An upgrade may be ignored (RFC 9110 §7.8). One to another kind of HTTP would carry requests that nobody looks at, a
 * list leaves the choice to the backend, and nothing to tunnel comes with a body.
 */
function wantsTunnel(req: IncomingMessage): boolean {
  const { upgrade, 'content-length': length, 'transfer-encoding': encoding } = req.headers
  if (upgrade === undefined || !ONE_PROTOCOL.test(upgrade) || req.method !== 'GET') return false
  return encoding === undefined && (length === undefined || length === '0')
}

function isUpgrade({ headers }: IncomingMessage): boolean {
  return headers.upgrade !== undefined && /\bupgrade\b/i.test(headers.connection ?? '')
}

const ONE_PROTOCOL = /^(?!(?:h2c?|http|tls)(?:$|\/))[\w.-]+(?:\/[\w.-]+)?$/i

interface Incoming {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly open: Set<Exchange>
  readonly client: ClientStream | undefined
}

function answer(parts: ListenerParts, incoming: Incoming): void {
  const { req, res, client, open } = incoming
  const head = readRequestHead(req, client === undefined ? undefined : req.headers.upgrade)
  // Node's parser drops what comes along with an upgrade that is ignored: what follows could begin anywhere.
  if (client === undefined && isUpgrade(req)) distrust(incoming)
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

function refuse(incoming: Incoming, problem: Problem): void {
  distrust(incoming)
  sendProblem(incoming.res, problem)
}

/** A connection on which something ambiguous came is not believed any more: it closes after this answer. */
function distrust({ req, res }: Incoming): void {
  distrusted.add(req.socket)
  res.shouldKeepAlive = false
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
