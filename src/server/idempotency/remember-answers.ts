import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AnswerKey, Clock, Reservation, Store } from '../../engine/ports.ts'
import type { Instant } from '../../model/instant.ts'
import { callerOf } from '../access/access.ts'
import { problemOf, Refused } from '../problems/problem.ts'
import type { Api } from '../typed.ts'
import { KEY_HEADER, keyOf } from './idempotency-key.ts'
import { requestMark } from './request-mark.ts'

/** A caller that comes back later than this is a new one. */
const KEPT_MILLISECONDS = 24 * 3600 * 1000
/** Longer than any write takes: one that was not answered by then was cut off, perhaps after it had its effect. */
const UNDER_WAY_MILLISECONDS = 60_000
const SWEEP_MILLISECONDS = 3_600_000

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What it answers is for its caller only, this once: the answer is not kept. */
    answerHoldsSecret?: boolean
    /** Doing it again changes nothing, so no answer is kept. */
    repeatable?: boolean
  }
  interface FastifyRequest {
    /** The key under which this write is done. */
    answerKey: AnswerKey | undefined
  }
}

interface KeptAnswer {
  readonly status: number
  readonly type: string
  readonly body: string
}

interface Parts {
  readonly store: Store
  readonly clock: Clock
}

/**
 * Does a write with an `Idempotency-Key` once: the same request under the same key gets the same answer again
 * (draft-ietf-httpapi-idempotency-key-header-07). Kept in the store, so that any replica knows it.
 */
export function rememberAnswers(api: Api, { store, clock }: Parts): void {
  api.decorateRequest('answerKey', undefined)
  api.addHook('preHandler', async (request, reply) => {
    const key = keyOf(request)
    if (key === undefined) return
    const now = clock.now()
    const taken = { key, token: callerOf(request).tokenId }
    const marked = { ...taken, request: requestMark(request), at: now }
    const reservation = await store.reserveAnswer(marked, now - KEPT_MILLISECONDS)
    if (reservation.kind === 'reserved') request.answerKey = taken
    else await replay(reply, reservation, now)
  })
  api.addHook('onSend', async (request, reply, payload) => {
    if (request.answerKey !== undefined && !isReplayed(reply))
      await settle(store, { request, reply, key: request.answerKey, body: textOf(payload) })
    return payload
  })
}

/** Sweeps what is too old to be asked for. */
export function forgetOldKeys(api: Api, { store, clock, logger }: Parts & { logger: Api['log'] }): void {
  const sweep = () => {
    store.forgetAnswers(clock.now() - KEPT_MILLISECONDS).catch((error: unknown) => {
      logger.error({ err: error }, 'old idempotency keys could not be swept')
    })
  }
  const timer = setInterval(sweep, SWEEP_MILLISECONDS).unref()
  api.addHook('onClose', (_instance, done) => {
    clearInterval(timer)
    done()
  })
}

async function replay(
  reply: FastifyReply,
  reservation: Exclude<Reservation, { kind: 'reserved' }>,
  now: Instant,
): Promise<void> {
  if (reservation.kind === 'other') throw reused()
  if (reservation.kind === 'begun')
    throw now - reservation.at < UNDER_WAY_MILLISECONDS ? underWay() : new Refused(...UNKNOWN)
  const { status, type, body }: KeptAnswer = JSON.parse(reservation.answer)
  // Until it is sent: the handler must not run.
  await reply.code(status).type(type).header('idempotency-replayed', 'true').send(body)
}

function isReplayed(reply: FastifyReply): boolean {
  return reply.hasHeader('idempotency-replayed')
}

interface Settling {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly key: AnswerKey
  readonly body: string
}

/** Before the answer leaves, so that whoever has it may ask for it again. */
async function settle(store: Store, { request, reply, key, body }: Settling): Promise<void> {
  request.answerKey = undefined
  try {
    if (request.isUndone) await store.dropAnswer(key)
    else await store.keepAnswer(key, JSON.stringify(answerToKeep(request, reply, body)))
  } catch (error) {
    // What was done is done: its caller is told, and whoever repeats it that the outcome is unknown.
    request.log.error({ err: error }, 'an answer could not be kept')
  }
}

function answerToKeep(request: FastifyRequest, reply: FastifyReply, body: string): KeptAnswer {
  const status = reply.statusCode
  if (status >= 500) return asProblem(...UNKNOWN)
  if (status < 300 && request.routeOptions.config.answerHoldsSecret === true) return asProblem(...SHOWN_ONCE)
  return { status, type: String(reply.getHeader('content-type')), body }
}

type Wording = ConstructorParameters<typeof Refused>

function asProblem(...wording: Wording): KeptAnswer {
  const problem = problemOf(...wording)
  return { status: problem.status, type: 'application/problem+json', body: JSON.stringify(problem) }
}

function textOf(payload: unknown): string {
  if (typeof payload === 'string') return payload
  throw new Error('the answer to a write is no text')
}

const UNKNOWN: Wording = [
  'outcome-unknown',
  {
    detail: `the first request with this ${KEY_HEADER} was cut off; it may have been done, or not`,
    remedy: 'look at the status of what it concerned; if it was not done, send it under another key',
  },
]

const SHOWN_ONCE: Wording = [
  'already-done',
  {
    detail: `this was done under the same ${KEY_HEADER}, and what it answered was shown that once`,
    remedy: 'if that answer was lost, take back what was made and make it again under another key',
  },
]

function underWay(): Refused {
  return new Refused('under-way', {
    detail: `the first request with this ${KEY_HEADER} is not answered yet`,
    remedy: 'send it again in a second',
    retryAfterSeconds: 1,
  })
}

function reused(): Refused {
  return new Refused('key-reused', {
    detail: `this ${KEY_HEADER} was used for another request`,
    remedy: 'take a new key for every request that is not the same',
  })
}
