import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { systemErrorCode } from '../../../artifacts/disk.ts'
import { COLORS } from '../../../model/color.ts'
import type { Fence } from '../../../model/fence.ts'
import type { Measurements } from '../../../model/observation.ts'
import { Overtaken, type ServiceRef, type Slot } from '../../target.ts'
import type { Balancer } from '../balancer/balancer.ts'
import { quantileMs } from '../balancer/histogram.ts'
import { FENCE_HEADER, type Hello, OVERTAKEN_STATUS, type RefusalAnswer } from '../protocol.ts'
import type { Events } from './events.ts'
import type { Fleet } from './fleet.ts'
import { readBody } from './read-body.ts'
import { Refusal } from './refusal.ts'
import {
  readColor,
  readEnvironments,
  readFence,
  readMillis,
  readName,
  readRef,
  readSlotRequest,
  readWeights,
} from './requests.ts'
import { streamEvents, streamLogs } from './streams.ts'

export interface ApiOptions {
  readonly fleet: Fleet
  readonly balancer: Balancer
  readonly events: Events
  readonly hello: Hello
  readonly shutDown: () => void
}

/** Undefined where the handler answers by itself, as streams do. */
type Handled = { readonly status: number; readonly body: unknown } | undefined

interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  /** The decoded parts of the path after /v1. */
  readonly parts: readonly string[]
  readonly signal: AbortSignal
}

/** The agent's side of the protocol. */
export function createApi(options: ApiOptions): Server {
  const server = createServer({ requestTimeout: 30_000 }, (request, response) => {
    void handle(options, request, response)
  })
  // A client's warm connection must not be closed just as its next request is on the way.
  server.keepAliveTimeout = 0
  return server
}

async function handle(
  options: ApiOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const closed = new AbortController()
  response.once('close', () => closed.abort())
  try {
    const url = new URL(request.url ?? '/', 'http://agent')
    const parts = url.pathname.split('/').slice(1).map(decodeURIComponent)
    const handled = await route(options, {
      request,
      response,
      url,
      parts: parts.slice(1),
      signal: closed.signal,
    })
    if (handled !== undefined) send(response, handled.status, handled.body)
  } catch (error) {
    fail(response, error)
  }
}

async function route(options: ApiOptions, call: Call): Promise<Handled> {
  const [collection, environment, , service, part, color] = call.parts
  if (!call.url.pathname.startsWith('/v1/')) return unknownPath(call)
  const method = call.request.method ?? ''
  if (collection === 'environments' && service !== undefined) {
    const ref = readRef(environment, service)
    if (part === 'slots') return await slotRoute(options, call, { ...ref, color: readColor(color) })
    return await serviceRoute(options, call, ref)
  }
  switch (`${method} ${collection}`) {
    case 'GET hello':
      return ok(options.hello)
    case 'GET events':
      await streamEvents(options, call)
      return undefined
    case 'POST shutdown':
      options.shutDown()
      return { status: 202, body: {} }
    case 'PUT environments': {
      const requests = readEnvironments(await readBody(call.request))
      return ok(await options.fleet.ensureEnvironments(requests))
    }
    case 'DELETE environments':
      await options.fleet.closeEnvironment(readName(environment))
      return ok({})
    default:
      return unknownPath(call)
  }
}

async function slotRoute({ fleet }: ApiOptions, call: Call, slot: Slot): Promise<Handled> {
  switch (`${call.request.method} ${call.parts[6] ?? ''}`) {
    case 'PUT ':
      await fleet.provision(slot, readSlotRequest(await readBody(call.request), slot), fenceOf(call))
      return { status: 202, body: {} }
    case 'DELETE ':
      await fleet.retire(slot, fenceOf(call))
      return { status: 202, body: {} }
    case 'GET preview':
      return ok({ origin: fleet.preview(slot) })
    default:
      return unknownPath(call)
  }
}

async function serviceRoute(options: ApiOptions, call: Call, ref: ServiceRef): Promise<Handled> {
  const { fleet } = options
  switch (`${call.request.method} ${call.parts[4] ?? ''}`) {
    case 'GET ':
      // Just after a start nobody is ready yet: who took that for a failure would take users back without need.
      await fleet.untilRestored()
      return ok(fleet.service(ref)?.observe() ?? { at: Date.now(), slots: {} })
    case 'PUT weights':
      await fleet.shift(ref, readWeights(await readBody(call.request)), fenceOf(call))
      return ok({})
    case 'GET weights':
      return ok({ weights: fleet.service(ref)?.weights })
    case 'GET measurements':
      return ok(measure(options, ref, call.url))
    case 'GET logs':
      await streamLogs({
        ring: fleet.service(ref)?.logs.ring,
        url: call.url,
        response: call.response,
        signal: call.signal,
      })
      return undefined
    default:
      return unknownPath(call)
  }
}

function measure({ fleet, balancer }: ApiOptions, ref: ServiceRef, { searchParams }: URL): Measurements {
  // Counts are kept by the second: the one in which the window begins holds what came before it, too.
  const since = Math.ceil(readMillis(searchParams.get('since')) / 1000) * 1000
  const until = readMillis(searchParams.get('until'))
  if (fleet.service(ref) === undefined) return {}
  const measured = balancer.measure({ ...ref, since, until })
  const entries = COLORS.map(color => {
    const { requests, errors, latency } = measured[color]
    const quantiles = {
      p50: quantileMs(latency, 0.5),
      p95: quantileMs(latency, 0.95),
      p99: quantileMs(latency, 0.99),
    }
    return [color, { requests, errors, ...quantiles }] as const
  })
  return Object.fromEntries(entries)
}

function fenceOf({ request }: Call): Fence {
  return readFence(request.headers[FENCE_HEADER])
}

function ok(body: unknown): Handled {
  return { status: 200, body }
}

function unknownPath({ request, url }: Call): never {
  throw new Refusal({
    where: `${request.method} ${url.pathname}`,
    what: 'the agent does not know this request',
    remedy: 'stop the agent with `sluice down`, then start it again with `sluice up`',
  })
}

/** What users are answered does not depend on the disk, but what is asked for here counts only once it is kept. */
function diskProblem(error: unknown): string | undefined {
  const code = systemErrorCode(error)
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return `the disk of its folder is full (${code}); free some space`
  if (code === 'EROFS') return `the disk of its folder is read-only (${code}); make it writable again`
  return undefined
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  if (error instanceof Refusal) {
    const refusal: RefusalAnswer = {
      error: { where: error.where, what: error.message, remedy: error.remedy },
    }
    send(response, 422, refusal)
    return
  }
  if (error instanceof Overtaken) {
    send(response, OVERTAKEN_STATUS, { error: { what: error.message } })
    return
  }
  console.error(error)
  send(response, 500, {
    error: { what: diskProblem(error) ?? (error instanceof Error ? error.message : String(error)) },
  })
}
