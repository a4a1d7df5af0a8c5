import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { DatabaseDamaged, StoreUnavailable } from '../../engine/ports.ts'
import { UserError } from '../../model/user-error.ts'
import { type Problem, type ProblemKind, problemOf, Refused } from './problem.ts'

/** What fastify refuses by itself, in our words: its own messages may repeat parts of the body. */
const FRAMEWORK: Readonly<Record<string, readonly [ProblemKind, string, string]>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: [
    'malformed-request',
    'the body is not JSON, or has a field named __proto__ or constructor',
    'send plain, valid JSON',
  ],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['malformed-request', 'the body is empty', 'send a JSON object'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'malformed-request',
    'the body is not as long as content-length says',
    'send a content-length that fits, or none',
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupported-media-type',
    'this route does not take bodies of that content-type',
    'send application/json (artifacts: application/octet-stream)',
  ],
  FST_ERR_CTP_BODY_TOO_LARGE: ['too-large', 'the body is larger than 1 MiB', 'send less at once'],
  FST_ERR_BAD_URL: ['malformed-request', 'the address is not well-formed', 'encode its parts (RFC 3986)'],
  FST_ERR_MAX_PARAM_LENGTH: [
    'address-too-long',
    'a part of the path is too long',
    'take the name or id as the server gave it',
  ],
}

/** When nothing says how long it will take. */
const RETRY_SECONDS = 5

declare module 'fastify' {
  interface FastifyRequest {
    /** Nothing was done, and it may be tried again under the same key. */
    isUndone: boolean
  }
}

const GONE = problemOf('malformed-request', {
  detail: 'the connection broke before the request was whole',
  remedy: 'send it again',
})

/** Answers with the problem; what is nobody's mistake but ours is logged with its stack and told by request id only. */
export function writeProblem(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const problem = isGone(request) ? GONE : problemFor(error)
  // Nothing is wrong with the program, and there is one for every request as long as it lasts.
  if (error instanceof StoreUnavailable) request.log.warn({ error: error.message }, 'the store is away')
  else if (problem.status >= 500 && !(error instanceof Refused))
    request.log.error({ err: error }, 'request failed')
  request.isUndone = saysThatNothingWasDone(error)
  sendProblem(reply, { ...problem, requestId: request.id })
}

/** Whoever sent it left before the end: nobody reads the answer, and nothing is wrong here. */
function isGone(request: FastifyRequest): boolean {
  return request.raw.errored instanceof Error
}

export function sendProblem(reply: FastifyReply, problem: Problem): void {
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="sluice"')
  // The rest of a body that is not read would be taken for the next request.
  if (problem.status === 413 || problem.status === 408) reply.header('connection', 'close')
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', problem.retryAfterSeconds)
  void reply.code(problem.status).type('application/problem+json').send(problem)
}

function problemFor(error: FastifyError | Error): Problem {
  if (error instanceof Refused) return error.problem
  if (error instanceof StoreUnavailable) return unavailable(error)
  // Nobody's request was wrong, and asking again does not mend it.
  if (error instanceof DatabaseDamaged)
    return problemOf('unavailable', { detail: `${error.where}: ${error.what}`, remedy: error.remedy })
  if (error instanceof UserError)
    return problemOf('invalid', { detail: `${error.where}: ${error.what}`, remedy: error.remedy })
  if (isDiskFull(error))
    return problemOf('unavailable', {
      detail: 'the disk of the server takes nothing more; nothing was kept',
      remedy: 'free some space there, then try again',
      retryAfterSeconds: RETRY_SECONDS,
    })
  const known = 'code' in error ? FRAMEWORK[error.code] : undefined
  if (known !== undefined) return problemOf(known[0], { detail: known[1], remedy: known[2] })
  if (isClientFault(error))
    return problemOf('malformed-request', {
      detail: 'the request could not be read',
      remedy: 'send it again, whole and well-formed',
    })
  return problemOf('internal', {
    detail: 'the server made a mistake',
    remedy: 'try again; if it stays, look for the request id in the server log',
  })
}

function unavailable({ where, what, remedy, outcome }: StoreUnavailable): Problem {
  const look = outcome === 'unknown' ? '; what was asked may have been done: look before you ask again' : ''
  const detail = `${where}: ${what}${look}`
  return problemOf('unavailable', { detail, remedy, retryAfterSeconds: RETRY_SECONDS })
}

function saysThatNothingWasDone(error: Error): boolean {
  if (error instanceof StoreUnavailable) return error.outcome === 'nothing recorded'
  return isDiskFull(error) || (error instanceof Refused && error.problem.status === 503)
}

function isDiskFull(error: Error): boolean {
  return 'syscall' in error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}

/** Such as a connection that broke while the body was read. */
function isClientFault(error: Error): boolean {
  if (!('statusCode' in error) || typeof error.statusCode !== 'number') return false
  return error.statusCode >= 400 && error.statusCode < 500
}
