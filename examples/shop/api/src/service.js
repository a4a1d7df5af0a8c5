import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { readAll } from './body.js'
import { createConnections, restSeconds } from './connections.js'
import { createMetrics } from './metrics.js'

/**
 * @typedef {object} Call what a route gets to see
 * @property {string} method
 * @property {string} path without the query
 * @property {string} requestId
 * @property {() => Promise<string>} body
 *
 * @typedef {object} Answer
 * @property {number} status
 * @property {string} body
 * @property {Record<string, string>} headers
 *
 * @typedef {object} Service
 * @property {import('./settings.js').Settings} settings
 * @property {import('./log.js').Log} log
 * @property {(call: Call) => Promise<Answer>} answer
 */

/**
 * Longer than a load balancer keeps an idle connection (ALB: 60 s), so that this side never closes one under a request:
 * not every client reads how long one may rest.
 */
const keepAliveMilliseconds = 75_000

/** What the platform asks and no user: it is in no measurement, and in the log for those who want everything. */
const platformPaths = new Set(['/health', '/ready', '/metrics', '/drain'])

/** @param {number} status @param {unknown} content @returns {Answer} */
export function json(status, content) {
  return { status, body: JSON.stringify(content), headers: { 'content-type': 'application/json' } }
}

/**
 * @typedef {object} State
 * @property {boolean} draining
 * @property {number} inFlight
 * @property {import('./connections.js').Connections} connections
 * @property {import('./metrics.js').Metrics} metrics
 */

/** Serves until SIGTERM or SIGINT, then leaves without losing a request. @param {Service} service */
export function serve(service) {
  const { settings, log } = service
  const server = createServer()
  const state = {
    draining: false,
    inFlight: 0,
    connections: createConnections(server),
    metrics: createMetrics(),
  }
  server.on('request', (request, response) => {
    state.inFlight += 1
    response.once('close', () => {
      state.inFlight -= 1
      if (!server.listening && state.inFlight === 0) server.closeAllConnections()
    })
    state.connections.follow(request, response)
    void respond(service, state, { request, response })
  })
  server.keepAliveTimeout = keepAliveMilliseconds
  server.listen(settings.port, settings.host, () => {
    const address = server.address()
    log.info('listening', {
      host: settings.host,
      port: typeof address === 'object' ? address?.port : address,
    })
  })
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => leave(server, service, state))
}

/**
 * @param {Service} service
 * @param {State} state
 * @param {{ request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse }} exchange
 */
async function respond(service, state, { request, response }) {
  const { settings, log } = service
  const startedAt = performance.now()
  const requestId = known(request.headers['x-request-id']) ?? randomUUID()
  const [path = '/'] = (request.url ?? '/').split('?')
  const call = { method: request.method ?? 'GET', path, requestId, body: () => readAll(request) }
  const isPlatform = platformPaths.has(path)
  const asked = isPlatform ? platform(call, state, request.socket) : answered(service, call)
  const { status, body, headers } = await asked
  // What was not read of a body must not be taken for a request.
  const isLast = state.draining || state.connections.isLeaving(request.socket) || !request.complete

  response.writeHead(status, {
    'content-length': Buffer.byteLength(body),
    'x-release': settings.release,
    'x-color': settings.color,
    'x-request-id': requestId,
    // Clients move their connections elsewhere by themselves.
    ...(isLast ? { connection: 'close' } : { 'keep-alive': `timeout=${restSeconds}` }),
    ...headers,
  })
  response.end(body)
  const milliseconds = performance.now() - startedAt
  if (!isPlatform) state.metrics.count(status, milliseconds / 1000)
  log[isPlatform ? 'debug' : 'info']('answered', {
    requestId,
    method: call.method,
    path,
    status,
    milliseconds: Math.round(milliseconds * 10) / 10,
  })
}

/** @param {Call} call @param {State} state @param {import('node:net').Socket} socket @returns {Promise<Answer>} */
async function platform({ method, path }, { draining, connections, metrics }, socket) {
  if (path === '/metrics') {
    return { status: 200, body: metrics.text(), headers: { 'content-type': 'text/plain; version=0.0.4' } }
  }
  if (path === '/drain') {
    if (method !== 'POST') return json(405, { error: 'POST only' })
    await connections.letGo(socket)
    return json(200, { status: 'let go' })
  }
  return path === '/ready' && draining ? json(503, { status: 'draining' }) : json(200, { status: 'ok' })
}

/** @param {Service} service @param {Call} call @returns {Promise<Answer>} */
async function answered({ answer, log }, call) {
  try {
    return await answer(call)
  } catch (error) {
    log.error('failed', { requestId: call.requestId, path: call.path, reason: String(error) })
    return json(500, { error: 'internal error', requestId: call.requestId })
  }
}

/**
 * Not ready first, while everything is still answered; then no new connections; then out when the last answer is sent.
 * @param {import('node:http').Server} server
 * @param {Service} service
 * @param {State} state
 */
function leave(server, { settings, log }, state) {
  if (state.draining) return
  state.draining = true
  log.info('draining', { inFlight: state.inFlight })
  server.once('close', () => {
    log.info('stopped')
    process.exit(0)
  })
  setTimeout(() => {
    server.close()
    if (state.inFlight === 0) server.closeAllConnections()
  }, settings.drainSeconds * 1000)
  setTimeout(() => {
    log.error('cut off', { inFlight: state.inFlight })
    process.exit(1)
  }, settings.graceSeconds * 1000)
}

/** Only what can't break a log line or a header is taken over from a caller. @param {string | string[] | undefined} id */
function known(id) {
  return typeof id === 'string' && /^[\w-]{1,64}$/.test(id) ? id : undefined
}
