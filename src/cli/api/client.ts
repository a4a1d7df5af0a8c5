import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { json, text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import type { AuditEvent } from '../../model/audit-event.ts'
import { UserError } from '../../model/user-error.ts'
import { printableData } from '../terminal/printable.ts'
import { ApiProblem } from './api-problem.ts'
import { eventsOf } from './event-stream.ts'
import { ConnectionLost, type HttpRequest, isBroken, send } from './http.ts'
import { linesOf } from './line-stream.ts'

/** A page of a list, and the cursor of the next one. */
export interface ListPage<T> {
  readonly items: readonly T[]
  readonly next?: string
}

export interface Answered<T> {
  readonly status: number
  readonly body: T
}

const SILENCE_SECONDS = 60
const UNDER_WAY = 'urn:sluice:problem:under-way'
const UNDER_WAY_TRIES = 20
/** The server says something every 15 seconds, if only a comment. */
const STREAM_SILENCE_SECONDS = 40
/** While a large store is copied. */
const LONG_SILENCE_SECONDS = 1800

/** Speaks to one Sluice server. Text in answers is made printable unless it is meant for programs. */
export class Api {
  readonly url: URL
  readonly #token: string | undefined
  readonly #signal: AbortSignal
  readonly #verbatim: boolean

  constructor(o: {
    readonly url: URL
    readonly token?: string
    readonly signal: AbortSignal
    readonly verbatim: boolean
  }) {
    this.url = o.url
    this.#token = o.token
    this.#signal = o.signal
    this.#verbatim = o.verbatim
  }

  /** The same server, with text as it was sent: for files and for those who ask for raw text. */
  asSent(): Api {
    const token = this.#token === undefined ? {} : { token: this.#token }
    return new Api({ url: this.url, ...token, signal: this.#signal, verbatim: true })
  }

  async get<T>(path: string): Promise<T> {
    return (await this.call<T>('GET', path)).body
  }

  async post<T>(path: string, body: unknown = {}): Promise<T> {
    return (await this.call<T>('POST', path, body)).body
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<Answered<T>> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) }
    const request: Sending = { method, path, ...content, type: 'application/json' }
    if (method === 'GET') return await this.#answered<T>(request)
    const keyed = { ...request, key: randomUUID() }
    try {
      return await this.#answered<T>(keyed)
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error
      return await this.#again<T>(keyed)
    }
  }

  /** The key makes it safe: what was done is not done again, and what is being done is waited for. */
  async #again<T>(request: Sending): Promise<Answered<T>> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#answered<T>(request)
      } catch (error) {
        const isUnderWay = error instanceof ApiProblem && error.type === UNDER_WAY
        if (!isUnderWay || tries === UNDER_WAY_TRIES) throw error
        await pause(1000, undefined, { signal: this.#signal })
      }
    }
  }

  async #answered<T>(request: Sending): Promise<Answered<T>> {
    const answer = await this.#send(request)
    const status = answer.statusCode ?? 0
    if (status === 204) return { status, body: undefined as T }
    const value = await readJson(answer, this.url)
    return { status, body: (this.#verbatim ? value : printableData(value)) as T }
  }

  /** False when the server has nothing there. */
  async has(path: string): Promise<boolean> {
    try {
      const answer = await this.#send({ method: 'HEAD', path })
      answer.resume()
      return true
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 404) return false
      throw error
    }
  }

  /** Sends bytes as they are read. */
  async upload(path: string, content: { readonly body: Readable; readonly bytes: number }): Promise<void> {
    const type = 'application/octet-stream'
    const answer = await this.#send({ method: 'PUT', path, body: content.body, type, bytes: content.bytes })
    await text(answer)
  }

  /** Bytes as they were made; the server may take long before the first one. */
  async download(path: string): Promise<{ readonly content: Readable; readonly bytes: number | undefined }> {
    const content = await this.#send({
      method: 'GET',
      path,
      accept: 'application/x-tar',
      silenceSeconds: LONG_SILENCE_SECONDS,
    })
    const bytes = Number(content.headers['x-sluice-bytes'])
    return { content, bytes: Number.isSafeInteger(bytes) ? bytes : undefined }
  }

  /** Lines of a stream, each one JSON, until the server ends it or the signal aborts. */
  async *records<T>(path: string, signal: AbortSignal = this.#signal): AsyncGenerator<T> {
    const answer = await this.#send({ method: 'GET', path, accept: 'application/x-ndjson', signal })
    for await (const line of linesOf(answer)) {
      if (line.trim() !== '') yield this.#readable<T>(JSON.parse(line))
    }
  }

  /** Opens the live events, from now on or after a sequence; resolves once the server listens. */
  async events(o: {
    readonly after?: number
    readonly signal: AbortSignal
  }): Promise<AsyncGenerator<AuditEvent>> {
    const from = o.after === undefined ? '' : `?after=${o.after}`
    const answer = await this.#send({
      method: 'GET',
      path: `/events${from}`,
      accept: 'text/event-stream',
      signal: o.signal,
    })
    return this.#auditEvents(answer)
  }

  async *#auditEvents(answer: Readable): AsyncGenerator<AuditEvent> {
    for await (const { data } of eventsOf(linesOf(answer))) yield this.#readable<AuditEvent>(JSON.parse(data))
  }

  #readable<T>(value: unknown): T {
    return (this.#verbatim ? value : printableData(value)) as T
  }

  async #send(o: Sending) {
    const streamed = o.accept !== undefined
    const length = o.bytes ?? (typeof o.body === 'string' ? Buffer.byteLength(o.body) : undefined)
    const request: HttpRequest = {
      method: o.method,
      url: new URL(`${this.url.pathname.replace(/\/$/, '')}/api/v1${o.path}`, this.url),
      headers: {
        accept: o.accept ?? 'application/json, application/problem+json',
        ...(o.body === undefined ? {} : { 'content-type': o.type ?? 'application/json' }),
        ...(length === undefined ? {} : { 'content-length': length }),
        ...(o.key === undefined ? {} : { 'idempotency-key': o.key }),
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      },
      ...(o.body === undefined ? {} : { body: o.body }),
      signal: o.signal ?? this.#signal,
      silenceSeconds: o.silenceSeconds ?? (streamed ? STREAM_SILENCE_SECONDS : SILENCE_SECONDS),
    }
    const answer = await send(request)
    const status = answer.statusCode ?? 0
    if (status >= 200 && status < 300) return answer
    throw new ApiProblem(status, parsed(await text(answer)))
  }
}

interface Sending {
  readonly method: string
  readonly path: string
  readonly body?: string | Readable
  readonly bytes?: number
  readonly type?: string
  /** The same for every repetition of a write. */
  readonly key?: string
  readonly accept?: string
  readonly silenceSeconds?: number
  readonly signal?: AbortSignal
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch {
    return undefined
  }
}

async function readJson(answer: Readable, url: URL): Promise<unknown> {
  try {
    return await json(answer)
  } catch (error) {
    if (isBroken(error)) throw new ConnectionLost(url)
    if (!(error instanceof SyntaxError)) throw error
    throw new UserError(
      url.origin,
      'what answers there is no Sluice server',
      'check --server or SLUICE_SERVER',
    )
  }
}
