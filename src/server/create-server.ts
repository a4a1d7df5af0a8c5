import type { Readable } from 'node:stream'
import Fastify, { LogController } from 'fastify'
import { guard } from './access/guard.ts'
import { checkHost } from './access/host.ts'
import { TokenBook } from './access/token-book.ts'
import { limitBodyTime } from './body-deadline.ts'
import { Draining } from './draining.ts'
import { EventFeed } from './events/event-feed.ts'
import { Metrics } from './metrics.ts'
import { describe, openapiRoute } from './openapi.ts'
import type { ServerParts, StreamLimits } from './ports.ts'
import { answerConnectionError } from './problems/connection-errors.ts'
import { writeProblem } from './problems/error-handler.ts'
import { answerUnmatched } from './problems/not-found.ts'
import { logRequests, requestId, safeLogger } from './request-log.ts'
import { responseHeaders, setResponseHeaders } from './response-headers.ts'
import { artifactRoutes } from './routes/artifacts.ts'
import { auditRoutes } from './routes/audit.ts'
import { freezeRoutes } from './routes/freezes.ts'
import { healthRoutes } from './routes/health.ts'
import { policyRoutes } from './routes/policy.ts'
import { promotionRoutes } from './routes/promotions.ts'
import { releaseRoutes } from './routes/releases.ts'
import { reviewRoutes } from './routes/reviews.ts'
import { rolloutRoutes } from './routes/rollouts.ts'
import type { RouteParts } from './routes/route-parts.ts'
import { secretRoutes } from './routes/secrets.ts'
import { statusRoutes } from './routes/status.ts'
import { streamRoutes } from './routes/streams.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { type Api, validatorCompiler, type ZodTypes } from './typed.ts'

const LIMITS: StreamLimits = { heartbeatMilliseconds: 15_000, stalledMilliseconds: 30_000 }
const BODY_BYTES = 1024 ** 2
const BODY_MILLISECONDS = 30_000
const HEADER_BYTES = 16 * 1024
const HEADER_MILLISECONDS = 10_000
/** Of a connection on which nothing moves. */
const IDLE_MILLISECONDS = 60_000
/** The longest upload. */
const REQUEST_MILLISECONDS = 3_600_000
const CLOSE_MILLISECONDS = 10_000

const ROUTES: readonly ((api: Api, parts: RouteParts) => void)[] = [
  healthRoutes,
  openapiRoute,
  statusRoutes,
  policyRoutes,
  artifactRoutes,
  releaseRoutes,
  reviewRoutes,
  promotionRoutes,
  rolloutRoutes,
  freezeRoutes,
  secretRoutes,
  streamRoutes,
  auditRoutes,
  tokenRoutes,
]

declare module 'fastify' {
  interface FastifyInstance {
    /** What `listen` looks at, and the process that is asked to stop. */
    readonly sluice: {
      readonly tokens: TokenBook
      readonly draining: Draining
      readonly publicHosts: readonly string[]
    }
  }
}

/** The HTTP API. Nothing listens yet; `close` lets streams end and gives requests in flight 10 seconds. */
export function createServer(parts: ServerParts): Api {
  const api = newApi(parts)
  const routeParts = withOwnParts(parts)
  const { draining, tokens } = routeParts
  api.decorate('sluice', { draining, tokens, publicHosts: parts.publicHosts ?? [] })
  setResponseHeaders(api)
  logRequests(api)
  routeParts.prometheus.observe(api)
  answerUnmatched(api)
  checkHost(api, parts.publicHosts ?? [])
  limitBodyTime(api, parts.bodyMilliseconds ?? BODY_MILLISECONDS)
  guard(api, { tokens, policy: parts.policy })
  describe(api, parts.version)
  api.register((scope, _options, done) => {
    for (const routes of ROUTES) routes(scope, routeParts)
    done()
  })
  startAndStop(api, routeParts)
  return api
}

function newApi(parts: ServerParts): Api {
  const api: Api = Fastify({
    loggerInstance: safeLogger(parts.logger),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestId,
    bodyLimit: BODY_BYTES,
    connectionTimeout: IDLE_MILLISECONDS,
    requestTimeout: REQUEST_MILLISECONDS,
    // A HEAD of a stream would never end.
    exposeHeadRoutes: false,
    // The process may still answer what is in flight, and say by /readyz that it goes.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 256 },
    http: {
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: HEADER_MILLISECONDS,
      connectionsCheckingInterval: HEADER_MILLISECONDS / 4,
    },
    clientErrorHandler: answerConnectionError,
    frameworkErrors: (error, request, reply) => {
      // No hook ran.
      reply.headers(responseHeaders(request.id))
      writeProblem(error, request, reply)
    },
  }).withTypeProvider<ZodTypes>()
  api.setErrorHandler(writeProblem)
  api.setValidatorCompiler(validatorCompiler)
  // The type check holds responses to their schemas; refusing one at run time would hide what was done.
  api.setSerializerCompiler(() => JSON.stringify)
  api.removeContentTypeParser('text/plain')
  api.addContentTypeParser('application/octet-stream', (_request, payload: Readable, done) =>
    done(null, payload),
  )
  return api
}

function withOwnParts(parts: ServerParts): RouteParts {
  const tokens = new TokenBook(parts)
  const prometheus = new Metrics(parts)
  const feed = new EventFeed({
    ...parts,
    onEvents: async events => {
      prometheus.countEvents(events)
      if (events.some(({ kind }) => kind.startsWith('token.'))) await tokens.refresh()
    },
  })
  const limits = { ...LIMITS, ...parts.streams }
  return { ...parts, tokens, feed, prometheus, limits, draining: new Draining() }
}

function startAndStop(api: Api, { draining, feed, tokens }: RouteParts): void {
  api.addHook('onReady', async () => {
    await tokens.refresh()
    await feed.start()
  })
  let deadline: NodeJS.Timeout | undefined
  api.addHook('preClose', done => {
    draining.begin()
    deadline = setTimeout(() => api.server.closeAllConnections(), CLOSE_MILLISECONDS)
    done()
  })
  api.addHook('onClose', (_instance, done) => {
    clearTimeout(deadline)
    feed.stop()
    done()
  })
}
