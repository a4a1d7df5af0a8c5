import type { Dispatcher } from 'undici'
import { UserError } from '../../../model/user-error.ts'
import { TargetUnavailable } from '../../target.ts'
import type { Entry } from './access.ts'
import { CONNECTIONS, type Connection, type WireRequest } from './connection.ts'
import { createLine } from './line.ts'
import { orAborted } from './or-aborted.ts'
import { pause, type Timing } from './timing.ts'

/** One request that the API server answers as a whole. */
export interface ApiRequest {
  readonly method: 'GET' | 'PATCH' | 'DELETE'
  /** With its query. */
  readonly path: string
  readonly body?: object
  readonly contentType?: string
  readonly accept?: string
  readonly signal: AbortSignal
}

export interface ApiAnswer {
  readonly status: number
  /** The JSON of its body, or its text where it is none. */
  readonly body: unknown
}

/** An answer whose body is still to come. */
export type OpenAnswer = Dispatcher.ResponseData

export interface Asking {
  /** Whatever the status; fails with `TargetUnavailable` where there is no answer in time, or no way in. */
  ask(request: ApiRequest): Promise<ApiAnswer>
  /** The same for an answer that goes on; `signal` ends it. A refusal is for the caller to read. */
  open(request: StreamRequest): Promise<OpenAnswer>
  /** What keeps an answer away, in words; the signal's own reason where that is it. */
  inWords(error: unknown, signal: AbortSignal): unknown
}

export interface StreamRequest extends Pick<WireRequest, 'method' | 'path' | 'signal' | 'body'> {
  readonly headers?: Readonly<Record<string, string>>
  readonly headersMilliseconds?: number
  readonly silenceMilliseconds: number
  /** An application behind the API server answers, and may refuse for itself. */
  readonly isPassedOn?: boolean
}

export interface AskingParts {
  readonly entry: Entry
  readonly connection: Connection
  readonly timing: Timing
  /** Told of each answer that came out of the store: when its request began. */
  readonly answered: (began: number) => void
  /** Told when nothing came in time: other connections may be dead as well, without anybody having noticed. */
  readonly timedOut: () => void
}

const LIMIT_MILLISECONDS = 10_000
/** 500 objects of the largest size would be more; Sluice's own are a few kilobytes each. */
const BODY_BYTES = 64 * 1024 * 1024
const ATTEMPTS = 4
const RETRY_MILLISECONDS = 1000

export function createAsking(parts: AskingParts): Asking {
  const inWords = (error: unknown, signal: AbortSignal) => wordsOf(parts.entry, error, signal)
  const line = createLine(CONNECTIONS)
  const askOnce = async (request: ApiRequest): Promise<ApiAnswer> => {
    const limit = AbortSignal.timeout(LIMIT_MILLISECONDS)
    const signal = AbortSignal.any([request.signal, limit])
    try {
      return await askInTime(parts, { ...request, signal })
    } catch (error) {
      if (!limit.aborted) throw error
      const silence = new TargetUnavailable(silenceOf(parts.entry), { cause: limit.reason })
      line.dissolve(silence)
      parts.timedOut()
      throw silence
    }
  }
  return {
    inWords,
    async ask(request) {
      try {
        // Who waits for others of ours does not wait for the API server.
        return await line.through(() => askOnce(request), request.signal)
      } catch (error) {
        throw inWords(error, request.signal)
      }
    },
    async open(request) {
      try {
        const send = request.isPassedOn === true ? shown : authorized
        return await send(parts, {
          ...request,
          headers: request.headers ?? {},
          stream: {
            headersMilliseconds: request.headersMilliseconds ?? LIMIT_MILLISECONDS,
            silenceMilliseconds: request.silenceMilliseconds,
          },
        })
      } catch (error) {
        throw inWords(error, request.signal)
      }
    },
  }
}

/** Asks again where the API server says that it has too much to do, as long as the time lasts. */
async function askInTime(parts: AskingParts, request: ApiRequest): Promise<ApiAnswer> {
  const { timing } = parts
  const end = timing.now() + LIMIT_MILLISECONDS
  for (let attempt = 1; ; attempt += 1) {
    const began = timing.now()
    const response = await once(parts, request)
    const answer = { status: response.statusCode, body: await readBody(response) }
    if (answer.status < 300) parts.answered(began)
    const wait = retryMilliseconds(response, timing)
    if (wait === undefined || attempt === ATTEMPTS || timing.now() + wait > end) return answer
    await pause(timing, wait, request.signal)
    request.signal.throwIfAborted()
  }
}

/** The API server closes idle connections when it likes: a reading that met that is made again. */
async function once(parts: AskingParts, request: ApiRequest): Promise<OpenAnswer> {
  const wire = wireOf(request)
  try {
    return await authorized(parts, wire)
  } catch (error) {
    if (request.method !== 'GET' || !CLOSED.has(codeOf(error))) throw error
    return await authorized(parts, wire)
  }
}

const CLOSED = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

function wireOf({ method, path, body, contentType, accept, signal }: ApiRequest): WireRequest {
  return {
    method,
    path,
    signal,
    headers: {
      accept: accept ?? 'application/json',
      ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
}

/** Sends with what the entry shows; where that is refused, once more with what it then shows. */
async function authorized(parts: AskingParts, request: WireRequest): Promise<OpenAnswer> {
  const { entry, connection } = parts
  const first = await shown(parts, request)
  if (first.statusCode !== 401) return first
  await first.body.dump()
  entry.forget()
  connection.renew()
  const second = await shown(parts, request)
  if (second.statusCode !== 401) return second
  await second.body.dump()
  throw new TargetUnavailable(
    `the API server of ${entry.name} does not accept the credentials (Unauthorized); sign in again, or give new ones`,
  )
}

async function shown({ entry, connection }: AskingParts, request: WireRequest): Promise<OpenAnswer> {
  const credentials = await orAborted(entry.headers(request.signal), request.signal)
  return await connection.send({
    ...request,
    headers: { 'user-agent': 'sluice', ...request.headers, ...credentials },
  })
}

/** Fails where it is larger than anything that Sluice asks for. */
async function readBody({ body }: OpenAnswer): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_BYTES) throw new Error(`the answer is larger than ${BODY_BYTES / 1024 / 1024} MiB`)
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return text
  }
}

/** Undefined where it is not asked again: 503 without a time may be an answer of somebody on the way. */
function retryMilliseconds({ statusCode, headers }: OpenAnswer, timing: Timing): number | undefined {
  const named = Number(headers['retry-after'])
  const isNamed = headers['retry-after'] !== undefined && Number.isFinite(named)
  if (statusCode !== 429 && !(statusCode === 503 && isNamed)) return undefined
  return (isNamed ? named * 1000 : RETRY_MILLISECONDS) * (1 + timing.random() / 4)
}

function wordsOf(entry: Entry, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  if (error instanceof TargetUnavailable) return error
  if (error instanceof UserError) return new TargetUnavailable(error.message, { cause: error })
  const { name, server } = entry
  const words = isTimeout(error)
    ? silenceOf(entry)
    : `the API server of ${name} (${server}) gave no answer: ${reasonOf(error)}`
  return new TargetUnavailable(words, { cause: error })
}

const silenceOf = ({ name, server }: Entry) =>
  `the API server of ${name} (${server}) has not answered for ${LIMIT_MILLISECONDS / 1000} s`

/** Nothing came in time, whoever looked at the clock. */
export function isTimeout(error: unknown): boolean {
  return codeOf(error) === 'TimeoutError' || codeOf(error).endsWith('_TIMEOUT')
}

/** Where several addresses were tried, there is a code only. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message === '' ? codeOf(error) : error.message
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if (error.name === 'TimeoutError') return error.name
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
