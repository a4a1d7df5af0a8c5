import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../access/access.ts'
import type { TokenBook } from '../access/token-book.ts'
import type { Draining } from '../draining.ts'
import type { StreamLimits } from '../ports.ts'
import type { OpenStreams } from './stream-places.ts'

interface StreamParts {
  readonly tokens: TokenBook
  readonly draining: Draining
  readonly limits: StreamLimits
  readonly streaming: OpenStreams
}

/** Of what is made and not yet taken over by the connection. */
const WAITING_BYTES = 16 * 1024

/**
 * Takes a place for a stream, or refuses; aborts when the client leaves, its token ends, or the server goes.
 */
export function openStream(request: FastifyRequest, reply: FastifyReply, parts: StreamParts): AbortSignal {
  const controller = new AbortController()
  const { tokenId } = callerOf(request)
  const leave = parts.streaming.enter(tokenId)
  const end = () => controller.abort()
  const check = () => {
    if (!parts.tokens.isValid(tokenId)) end()
  }
  const stopListening = parts.tokens.onRefreshed(check)
  // Nothing happens when a token expires.
  const timer = setInterval(check, parts.limits.heartbeatMilliseconds)
  parts.draining.signal.addEventListener('abort', end)
  const close = () => {
    leave()
    clearInterval(timer)
    stopListening()
    parts.draining.signal.removeEventListener('abort', end)
    end()
  }
  // Whoever has left already closes nothing any more.
  if (reply.raw.destroyed) close()
  else reply.raw.once('close', close)
  if (parts.draining.begun) end()
  return controller.signal
}

/** Text that is sent as the client takes it; one that takes nothing for too long is disconnected. */
export function streamOf(texts: AsyncGenerator<string>, reply: FastifyReply, limits: StreamLimits): Readable {
  // The end of a stream ends its connection too, so that a server that drains has none left.
  reply.header('connection', 'close')
  return Readable.from(
    watched(texts, () => reply.raw.destroy(), limits.stalledMilliseconds),
    {
      objectMode: false,
      highWaterMark: WAITING_BYTES,
    },
  )
}

async function* watched(
  texts: AsyncGenerator<string>,
  disconnect: () => void,
  stalledMilliseconds: number,
): AsyncGenerator<Buffer> {
  for await (const text of texts) {
    if (text === '') continue
    const timer = setTimeout(disconnect, stalledMilliseconds)
    try {
      yield Buffer.from(text)
    } finally {
      clearTimeout(timer)
    }
  }
}
