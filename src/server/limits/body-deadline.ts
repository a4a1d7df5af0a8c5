import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from '../problems/error-handler.ts'
import { Refused } from '../problems/problem.ts'
import type { Api } from '../typed.ts'
import type { RequestLimits } from './request-limits.ts'

const TIMEOUT = new Refused('timeout', {
  detail: 'the body did not arrive in time',
  remedy: 'send it again over a faster connection',
}).problem

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body may take as long as it keeps coming. */
    longBody?: boolean
  }
}

type BodyTimes = Pick<RequestLimits, 'bodyMilliseconds' | 'upload' | 'lingerMilliseconds'>

/** Ends requests whose body comes drop by drop, which no idle timeout would notice. */
export function limitBodyTime(api: Api, times: BodyTimes): void {
  const stops = new WeakMap<FastifyRequest, () => void>()
  const stop = (request: FastifyRequest) => stops.get(request)?.()
  api.addHook('preParsing', (request, reply, _payload, done) => {
    if (hasBody(request)) stops.set(request, watch(request, reply, times))
    done()
  })
  api.addHook('preValidation', (request, _reply, done) => {
    // The handler reads a long one.
    if (request.routeOptions.config.longBody !== true) stop(request)
    done()
  })
  api.addHook('onResponse', (request, _reply, done) => {
    stop(request)
    if (hasBody(request)) endUnread(request, times.lingerMilliseconds)
    done()
  })
  api.addHook('onRequestAbort', (request, done) => {
    stop(request)
    done()
  })
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
}

/** Returns how to stop. */
function watch(request: FastifyRequest, reply: FastifyReply, times: BodyTimes): () => void {
  const late = () => sendProblem(reply, { ...TIMEOUT, requestId: request.id })
  if (request.routeOptions.config.longBody !== true) {
    const timer = setTimeout(late, times.bodyMilliseconds)
    return () => clearTimeout(timer)
  }
  const { windowMilliseconds, bytes } = times.upload
  const { raw } = request
  let before = raw.socket.bytesRead
  const timer = setInterval(() => {
    const arrived = raw.socket.bytesRead - before
    before = raw.socket.bytesRead
    // What waits to be read tells that the server is the slow one.
    if (raw.complete || raw.readableLength > 0 || arrived >= bytes) return
    clearInterval(timer)
    late()
  }, windowMilliseconds)
  return () => clearInterval(timer)
}

/** A refusal may come before the body, which is then read for the sake of whoever sends it; not for ever. */
function endUnread({ raw }: FastifyRequest, milliseconds: number): void {
  if (raw.complete) return
  const timer = setTimeout(() => {
    if (!raw.complete) raw.destroy()
  }, milliseconds)
  timer.unref()
}
