import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UserError } from '../../model/user-error.ts'

/** The connection broke before the whole answer was there: whether the server did what it was asked, nobody knows. */
export class ConnectionLost extends UserError {
  constructor(url: URL) {
    super(
      url.origin,
      'the connection to the Sluice server broke before it answered',
      'look at `sluice status` whether it was done, then try again',
    )
    this.name = 'ConnectionLost'
  }
}

export interface HttpRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string | number>>
  readonly body?: string | Readable
  readonly signal: AbortSignal
  /** Without a byte for this long, the connection counts as broken. */
  readonly silenceSeconds: number
}

/** Sends a request and resolves with the answer's head. A `UserError` when nobody answers. */
export async function send(o: HttpRequest): Promise<IncomingMessage> {
  const options = { method: o.method, headers: o.headers, signal: o.signal, timeout: o.silenceSeconds * 1000 }
  // Loaded by need: TLS alone takes longer to load than most commands take.
  const http = o.url.protocol === 'https:' ? await import('node:https') : await import('node:http')
  const request = http.request(o.url, options)
  const answer = answerOf(request)
  // A refusal may come before the whole body is sent: then the answer counts, and not that sending was cut short.
  const sent = sendBody(request, o.body).then(
    () => answer,
    () => answer,
  )
  try {
    return await Promise.race([answer, sent])
  } catch (error) {
    o.signal.throwIfAborted()
    if (isBroken(error)) throw new ConnectionLost(o.url)
    throw unreachable(o.url, error)
  }
}

function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
    request.on('timeout', () => request.destroy(new Error('it stopped answering')))
  })
}

async function sendBody(request: ClientRequest, body: HttpRequest['body']): Promise<void> {
  if (body === undefined || typeof body === 'string') request.end(body)
  else await pipeline(body, request)
}

export function isBroken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}

function unreachable(url: URL, error: unknown): UserError {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const why =
    code === 'ECONNREFUSED' ? 'no server listens there' : error instanceof Error ? error.message : code
  return new UserError(
    url.origin,
    `the Sluice server can't be reached: ${why}`,
    'start it with `sluice up` in the folder of the blueprint, or name another one with --server',
  )
}
