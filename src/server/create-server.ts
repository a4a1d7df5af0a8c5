import type { Readable } from 'node:stream'
import Fastify, { LogController } from 'fastify'
import { guard, identify } from './access/guard.ts'
import { checkHost } from './access/host.ts'
import { TokenBook } from './access/token-book.ts'
import { documentCommonAnswers } from './common-answers.ts'
import { Draining } from './draining.ts'
import { EventFeed } from './events/event-feed.ts'
import { OpenStreams } from './events/stream-places.ts'
import { forgetOldKeys, rememberAnswers } from './idempotency/remember-answers.ts'
import { limitAddress } from './limits/address-length.ts'
import { limitBodyTime } from './limits/body-deadline.ts'
import { takeJson } from './limits/json-body.ts'
import { limitConnections } from './limits/limit-connections.ts'
import { limitRate } from './limits/rate-limit.ts'
import { REQUEST_LIMITS, type RequestLimits } from './limits/request-limits.ts'
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
import { backupRoutes } from './routes/backup.ts'
import { freezeRoutes } from './routes/freezes.ts'
import { healthRoutes } from './routes/health.ts'
import { liveRoutes } from './routes/live.ts'
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

const STREAM_LIMITS: StreamLimits = {
  heartbeatMilliseconds: 15_000,
  stalledMilliseconds: 30_000,
  places: { total: 5000, aToken: 200 },
}
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
  liveRoutes,
  freezeRoutes,
  secretRoutes,
  streamRoutes,
  auditRoutes,
  backupRoutes,
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
  const requests = { ...REQUEST_LIMITS, ...parts.requests }
  const api = newApi(parts, requests)
  const routeParts = withOwnParts(parts)
  const { draining, tokens, clock, policy, store } = routeParts
  api.decorate('sluice', { draining, tokens, publicHosts: parts.publicHosts ?? [] })
  limitConnections(api.server, requests.connections)
  setResponseHeaders(api)
  logRequests(api)
  routeParts.prometheus.observe(api)
  limitAddress(api, requests.addressCharacters)
  checkHost(api, parts.publicHosts ?? [])
  limitBodyTime(api, requests)
  identify(api, tokens)
  limitRate(api, { ...requests, clock })
  answerUnmatched(api)
  guard(api, policy)
  rememberAnswers(api, { clock, store })
  documentCommonAnswers(api)
  describe(api, parts.version)
  api.register((scope, _options, done) => {
    for (const routes of ROUTES) routes(scope, routeParts)
    done()
  })
  startAndStop(api, routeParts)
  return api
}

function newApi(parts: ServerParts, requests: RequestLimits): Api {
  const api: Api = Fastify({
    loggerInstance: safeLogger(parts.logger),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestId,
    bodyLimit: requests.bodyBytes,
    connectionTimeout: requests.idleMilliseconds,
    requestTimeout: requests.requestMilliseconds,
    keepAliveTimeout: requests.keepAliveMilliseconds,
    // A HEAD of a stream would never end.
    exposeHeadRoutes: false,
    // The process may still answer what is in flight, and say by /readyz that it goes.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 256 },
    http: {
      maxHeaderSize: requests.headerBytes,
      headersTimeout: requests.headerMilliseconds,
      connectionsCheckingInterval: requests.headerMilliseconds / 4,
    },
    clientErrorHandler: answerConnectionError,
    frameworkErrors: (error, request, reply) => {
      // No hook ran.
      reply.headers(responseHeaders(request.id))
      writeProblem(error, request, reply)
    },
  }).withTypeProvider<ZodTypes>()
  api.decorateRequest('isUndone', false)
  api.setErrorHandler(writeProblem)
  api.setValidatorCompiler(validatorCompiler)
  // The type check holds responses to their schemas; refusing one at run time would hide what was done.
  api.setSerializerCompiler(() => JSON.stringify)
  api.removeContentTypeParser('text/plain')
  takeJson(api, requests.bodyDepth)
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
  const limits = { ...STREAM_LIMITS, ...parts.streams }
  const streaming = new OpenStreams(limits.places)
  return { ...parts, tokens, feed, prometheus, limits, streaming, draining: new Draining() }
}

function startAndStop(api: Api, parts: RouteParts): void {
  const { draining, feed, tokens } = parts
  api.addHook('onReady', async () => {
    await tokens.refresh()
    await feed.start()
  })
  forgetOldKeys(api, parts)
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
