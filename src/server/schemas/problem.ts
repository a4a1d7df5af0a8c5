import { z } from 'zod'
import { gateReasonSchema } from './gate.ts'
import { named } from './registry.ts'

export const problemSchema = named(
  'Problem',
  z.strictObject({
    type: z.string().describe('urn:sluice:problem: and its kind.'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    remedy: z.string().describe('What to do about it.'),
    requestId: z.string().exactOptional(),
    reasons: z.array(gateReasonSchema).exactOptional(),
    problems: z
      .array(z.strictObject({ path: z.string(), what: z.string(), remedy: z.string() }))
      .exactOptional()
      .describe('Everything that is wrong with the request.'),
    retryAfterSeconds: z.int().exactOptional().describe('When to try again, as the header Retry-After.'),
  }),
)

const DESCRIPTIONS = {
  400: 'The request is malformed or invalid; `problems` lists everything wrong with it.',
  401: 'No token, or one that is unknown, expired or revoked.',
  403: 'The roles of the token do not permit it.',
  404: 'There is no such thing.',
  409: 'The present state does not allow it, or the first request with this Idempotency-Key is not answered.',
  408: 'The body took too long.',
  413: 'The body is too large.',
  414: 'The address is too long.',
  415: 'The content-type is not taken here.',
  421: 'The request is addressed to a name that is not this server’s.',
  422: 'Something required is not met (`reasons` lists all of it), or the Idempotency-Key was used before.',
  429: 'Too many requests or streams; Retry-After says when to try again.',
  431: 'The headers are too large.',
  500: 'A mistake of the server.',
  503: 'The server cannot do it now.',
} as const

export type ProblemStatus = keyof typeof DESCRIPTIONS

/** Documents a problem response for each status. */
export function problems(...statuses: readonly ProblemStatus[]): Readonly<Record<string, ProblemResponse>> {
  return Object.fromEntries(statuses.map(status => [status, response(status)]))
}

interface ProblemResponse {
  readonly description: string
  readonly content: { readonly 'application/problem+json': { readonly schema: typeof problemSchema } }
}

function response(status: ProblemStatus): ProblemResponse {
  return {
    description: DESCRIPTIONS[status],
    content: { 'application/problem+json': { schema: problemSchema } },
  }
}
