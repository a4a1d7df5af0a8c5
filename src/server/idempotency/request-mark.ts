import { createHmac } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { canonicalJson } from '../../model/digest.ts'
import { bearerOf } from '../access/guard.ts'

/**
 * Tells whether two requests of a token are the same. Under the token itself, which is kept nowhere: a body may hold a
 * secret that is short enough to be guessed from a mere digest of it.
 */
export function requestMark(request: FastifyRequest): string {
  const said = canonicalJson([request.method, request.url, request.body])
  return createHmac('sha256', bearerOf(request) ?? '')
    .update(said)
    .digest('hex')
}
