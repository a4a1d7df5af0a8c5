import { Buffer } from 'node:buffer'
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Color } from '../../../model/color.ts'
import type { Problem } from './problem.ts'
import { PROBLEM_TYPE, problemBody } from './problem.ts'
import { RequestBody } from './request-body.ts'
import type { RequestHead } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'
import type { ServiceState } from './service-state.ts'
import type { ClientStream } from './tunnel.ts'
import { Tunnel } from './tunnel.ts'
import type { Upstream } from './upstream.ts'
import type { FailureReason, ResponseConsumer, UpstreamConnection } from './upstream-connection.ts'

/** A backend that has not begun to answer by then gets a 504; a response that has begun may take for ever. */
const HEAD_TIMEOUT_MS = 60_000
/** So many backends are asked at most, each only if nothing was sent to the one before. */
const MOST_ATTEMPTS = 8

export interface ExchangeParts {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly head: RequestHead
  readonly service: ServiceState
  /** Set on a color's private listener: nothing else will do. */
  readonly only: Color | undefined
  /** Set for an upgrade request. */
  readonly client: ClientStream | undefined
  readonly now: () => number
  /** Everything unfinished on the client's connection. */
  readonly open: Set<Exchange>
}

/** One request from its arrival to the end of its response, or of the connection that it was upgraded to. */
export class Exchange implements ResponseConsumer {
  readonly #parts: ExchangeParts
  readonly #startedMs: number
  readonly #remembered: Color | undefined
  #color: Color = 'blue'
  #upstream: Upstream | undefined
  #connection: UpstreamConnection | undefined
  #body: RequestBody | undefined
  #tunnel: Tunnel | undefined
  #attempts = 0
  #retriedStale = false
  #answering = false

  constructor(parts: ExchangeParts) {
    this.#parts = parts
    this.#startedMs = parts.now()
    this.#remembered = parts.only === undefined ? parts.service.colorOf(parts.head.cookie) : undefined
  }

  start(): void {
    const { only, service, open } = this.#parts
    open.add(this)
    this.#color = only ?? service.choose(this.#remembered)
    service.colors[this.#color].countRequest()
    this.#attempt()
  }

  onHead(head: ResponseHead, body: Buffer, complete: boolean): void {
    const { res, service, now } = this.#parts
    if (head.status === 101) return this.#upgrade(head, body)
    const color = service.colors[this.#color]
    if (!this.#writeHead(head)) return this.#invalid()
    this.#answering = true
    const nowMs = now()
    color.countResponse(head.status)
    color.measurements.record(nowMs, nowMs - this.#startedMs, head.status >= 500 ? 'error' : 'ok')
    if (complete) {
      this.#finish()
      // As a string it leaves in one write together with the head.
      if (body.length === 0) res.end()
      else res.end(body.toString('latin1'), 'latin1')
    } else if (body.length > 0) this.onData(body)
    else res.flushHeaders()
  }

  onData(piece: Buffer): void {
    if (this.#tunnel !== undefined) return this.#tunnel.toClient(piece)
    const { res } = this.#parts
    const connection = this.#connection
    const room = res.write(Buffer.from(piece))
    if (room || connection === undefined || connection.socket.isPaused()) return
    connection.socket.pause()
    res.once('drain', () => {
      // By then the connection may serve another request.
      if (this.#connection === connection) connection.socket.resume()
    })
  }

  onEnd(): void {
    if (this.#tunnel !== undefined) this.#tunnel.endClient()
    else this.#parts.res.end()
    this.#finish()
  }

  onFailure(reason: FailureReason): void {
    const { service, now, res, client } = this.#parts
    const upstream = this.#upstream
    if (upstream === undefined) return
    this.#leave()
    const color = service.colors[this.#color]
    if (this.#answering) {
      // What was promised cannot be kept: a broken connection tells the client so, a clean end would lie.
      if (this.#tunnel === undefined) color.countError()
      this.#end()
      if (client === undefined) res.destroy()
      else client.socket.destroy()
      return
    }
    if (reason === 'stale' && this.#parts.head.repeatable && !this.#retriedStale) {
      this.#retriedStale = true
      return this.#attemptOn(this.#color, upstream)
    }
    color.measurements.record(now(), now() - this.#startedMs, 'error')
    if (reason === 'refused') {
      service.takeOut(this.#color, upstream)
      return this.#attemptElsewhere()
    }
    if (reason === 'broken' || reason === 'stale') this.#suspect(upstream)
    this.#fail(
      reason === 'late'
        ? { status: 504, detail: 'the backend did not answer in time' }
        : { status: 502, detail: 'the backend broke off before it answered' },
    )
  }

  /** The rest of the request makes no sense. False where it is there, or its answer has begun: then nothing is done. */
  refuseRest(problem: Problem): boolean {
    const { req, res, service, client } = this.#parts
    if (this.#answering || req.complete || client !== undefined) return false
    this.#connection?.destroy()
    this.#leave()
    service.colors[this.#color].countResponse(problem.status)
    this.#end()
    res.shouldKeepAlive = false
    sendProblem(res, problem)
    return true
  }

  /** The client's connection has closed. */
  clientGone(): void {
    this.#connection?.destroy()
    this.#leave()
    this.#end()
  }

  #attempt(): void {
    const { service, head, now, client } = this.#parts
    const upstream = service.colors[this.#color].pick()
    if (upstream === undefined) {
      service.colors[this.#color].measurements.record(now(), 0, 'error')
      return this.#fail({ status: 503, detail: 'the service has no backend that is ready' })
    }
    // An upgrade cannot be repeated if a kept connection turns out to be closed.
    const prefer = client === undefined && !this.#retriedStale ? 'any' : 'new'
    this.#send(upstream, upstream.acquire(this.#startedMs, prefer), head)
  }

  #attemptOn(color: Color, upstream: Upstream): void {
    if (!this.#parts.service.colors[color].includes(upstream)) return this.#attempt()
    this.#send(upstream, upstream.acquire(this.#startedMs, 'new'), this.#parts.head)
  }

  /** Nothing was sent yet, so any request may go to another backend. */
  #attemptElsewhere(): void {
    const { service, only } = this.#parts
    const color =
      this.#attempts < MOST_ATTEMPTS ? service.instead(this.#color, only !== undefined) : undefined
    if (color === undefined) return this.#fail({ status: 502, detail: 'no backend accepts connections' })
    if (color !== this.#color) {
      service.colors[this.#color].countError()
      service.colors[color].countRequest()
      this.#color = color
    }
    this.#attempt()
  }

  #send(upstream: Upstream, connection: UpstreamConnection | undefined, head: RequestHead): void {
    if (connection === undefined)
      return this.#fail({ status: 503, detail: 'the backend has too many connections' })
    this.#attempts++
    this.#upstream = upstream
    this.#connection = connection
    this.#parts.service.enter(this.#color, upstream)
    connection.send(head, this)
    const framing = head.body
    if (framing === 'none') return connection.expectHeadBy(this.#startedMs + HEAD_TIMEOUT_MS)
    const { req, now } = this.#parts
    // Most backends answer an upload only when they have all of it, however long that takes.
    this.#body = new RequestBody({ req, connection, framing }, () => {
      connection.expectHeadBy(now() + HEAD_TIMEOUT_MS)
    })
  }

  /** A process that died refuses connections too; one that broke off over a single request must not be taken out for it. */
  #suspect(upstream: Upstream): void {
    const { service } = this.#parts
    const color = this.#color
    upstream.probe(() => service.takeOut(color, upstream))
  }

  #writeHead(head: ResponseHead): boolean {
    const { res, service, only } = this.#parts
    if (service.sticky && only === undefined && this.#remembered !== this.#color) {
      head.headers.push('set-cookie', `${service.cookieName}=${this.#color}; Path=/; HttpOnly; SameSite=Lax`)
    }
    try {
      res.writeHead(head.status, head.statusText, head.headers)
      return true
    } catch {
      // Node refuses names and values with bytes that do not belong there.
      return false
    }
  }

  #upgrade(head: ResponseHead, body: Buffer): void {
    const { client, res, service, now } = this.#parts
    const connection = this.#connection
    if (client === undefined || connection === undefined || head.upgrade === undefined) return this.#invalid()
    this.#answering = true
    const color = service.colors[this.#color]
    color.countResponse(101)
    color.measurements.record(now(), now() - this.#startedMs, 'ok')
    res.detachSocket(client.socket)
    this.#tunnel = new Tunnel(client, connection, head)
    if (body.length > 0) this.#tunnel.toClient(body)
  }

  #invalid(): void {
    const { service, now } = this.#parts
    this.#connection?.destroy()
    this.#leave()
    service.colors[this.#color].measurements.record(now(), now() - this.#startedMs, 'error')
    this.#fail({ status: 502, detail: 'the backend did not answer in valid HTTP' })
  }

  #finish(): void {
    const connection = this.#connection
    const upstream = this.#upstream
    if (connection !== undefined && upstream !== undefined) {
      if (this.#body?.finished === false) connection.destroy()
      else {
        // The last piece may have filled the client's buffer.
        if (connection.socket.isPaused()) connection.socket.resume()
        upstream.release(connection, this.#parts.now())
      }
    }
    this.#leave()
    this.#end()
  }

  #fail(problem: Problem): void {
    const { service, res } = this.#parts
    service.colors[this.#color].countError()
    service.colors[this.#color].countResponse(problem.status)
    this.#end()
    sendProblem(res, problem)
  }

  #leave(): void {
    const upstream = this.#upstream
    if (upstream === undefined) return
    this.#upstream = undefined
    this.#connection = undefined
    this.#parts.service.leave(this.#color, upstream)
  }

  #end(): void {
    this.#body?.stop()
    this.#parts.open.delete(this)
  }
}

/** Answers with a problem document, unless the client is gone. */
export function sendProblem(res: ServerResponse, problem: Problem): void {
  const body = problemBody(problem)
  const headers = ['content-type', PROBLEM_TYPE, 'content-length', String(Buffer.byteLength(body))]
  if (problem.status === 405) headers.push('allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS')
  if (problem.status === 503) headers.push('retry-after', '1')
  // Named, since what a backend said may still be there.
  res.writeHead(problem.status, STATUS_CODES[problem.status], headers)
  res.end(body)
}
