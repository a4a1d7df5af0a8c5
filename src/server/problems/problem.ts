import type { Refusal } from '../../engine/control-plane.ts'
import type { GateReason } from '../../model/gate.ts'

/** One thing wrong with a request: where (`body.release`), what, and what to do. */
export interface RequestProblem {
  readonly path: string
  readonly what: string
  readonly remedy: string
}

/** The body of every answer that is no success: RFC 9457, with the remedy and every reason at once. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly remedy: string
  /** Of the request, as in the `x-request-id` header and the log. */
  readonly requestId?: string
  readonly reasons?: readonly GateReason[]
  readonly problems?: readonly RequestProblem[]
  /** When to try again; sent as the Retry-After header too. */
  readonly retryAfterSeconds?: number
}

/** Every kind of problem with its status and title. */
const PROBLEMS = {
  'malformed-request': { status: 400, title: 'Malformed request' },
  invalid: { status: 400, title: 'Invalid request' },
  unauthenticated: { status: 401, title: 'No valid token' },
  forbidden: { status: 403, title: 'Not permitted' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  timeout: { status: 408, title: 'Request took too long' },
  conflict: { status: 409, title: 'Conflict with the present state' },
  'under-way': { status: 409, title: 'Still under way' },
  'outcome-unknown': { status: 409, title: 'Outcome unknown' },
  'already-done': { status: 409, title: 'Done before' },
  'too-large': { status: 413, title: 'Too large' },
  'address-too-long': { status: 414, title: 'Address too long' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type' },
  misdirected: { status: 421, title: 'Not a name of this server' },
  unmet: { status: 422, title: 'Not met' },
  'key-reused': { status: 422, title: 'Idempotency key used before' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'Headers too large' },
  internal: { status: 500, title: 'Internal error' },
  unavailable: { status: 503, title: 'Unavailable' },
} as const

export type ProblemKind = keyof typeof PROBLEMS

type Details = Pick<Problem, 'detail' | 'remedy' | 'reasons' | 'problems' | 'retryAfterSeconds'>

export function problemOf(kind: ProblemKind, details: Details): Problem {
  return { type: `urn:sluice:problem:${kind}`, ...PROBLEMS[kind], ...details }
}

/** Leaves a handler with a problem: fastify's own errors go this way too, so one place writes them all. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly problem: Problem

  constructor(kind: ProblemKind, details: Details) {
    super(details.detail)
    this.problem = problemOf(kind, details)
  }
}

export function refusedBy(refusal: Refusal): Refused {
  const { kind, what, remedy, reasons } = refusal
  return new Refused(kind, { detail: what, remedy, ...(reasons !== undefined && { reasons }) })
}
