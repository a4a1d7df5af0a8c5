import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import type { Api } from './typed.ts'

/** A caller's own id is taken over only when nothing in it could confuse a log. */
export function requestId(message: IncomingMessage): string {
  const given = message.headers['x-request-id']
  return typeof given === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(given) ? given : randomUUID()
}

const hidden = () => undefined

/** Requests and responses never enter a log as they are: headers, addresses and bodies may hold secrets. */
export function safeLogger(logger: FastifyBaseLogger): FastifyBaseLogger {
  return logger.child({}, { serializers: { req: hidden, res: hidden } })
}

/** One line for each request, once it is answered or its client has left. */
export function logRequests(api: Api): void {
  api.addHook('onResponse', (request, reply, done) => {
    const line = {
      method: request.method,
      route: routeOf(request),
      status: reply.statusCode,
      milliseconds: Math.round(reply.elapsedTime * 1000) / 1000,
      ...(request.caller !== undefined && { actor: request.caller.actor.name }),
    }
    if (isProbe(request)) request.log.debug(line, 'request')
    else request.log.info(line, 'request')
    done()
  })
  api.addHook('onRequestAbort', (request, done) => {
    const actor = request.caller?.actor.name
    request.log.info({ method: request.method, route: routeOf(request), actor }, 'client left')
    done()
  })
}

function routeOf(request: FastifyRequest): string {
  return request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched')
}

/** Asked every few seconds by machines. */
function isProbe(request: FastifyRequest): boolean {
  const { url } = request.routeOptions
  return url === '/healthz' || url === '/readyz' || url === '/metrics'
}
