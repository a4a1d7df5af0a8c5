import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

export const KEY_HEADER = 'Idempotency-Key'

const PATTERN = /^(?:"([A-Za-z0-9_.:-]{1,128})"|([A-Za-z0-9_.:-]{1,128}))$/
const WRITES: ReadonlySet<string> = new Set(['POST', 'PUT', 'DELETE'])

/** As a structured field has it (RFC 9651, a string in quotes) or bare, which is how most clients send it. */
export const keyHeader = z.object({
  'idempotency-key': z
    .string()
    .regex(PATTERN, 'must be 1 to 128 letters, digits, and _ . : -')
    .exactOptional()
    .describe(
      'Of your choice, new for every write: the same write under the same key is done once (24 hours).',
    ),
})

export function isWrite(method: string): boolean {
  return WRITES.has(method)
}

/** The key of a write that is to be done once; undefined where it has none, or needs none. */
export function keyOf(request: FastifyRequest): string | undefined {
  if (request.is404 || !isWrite(request.method) || request.routeOptions.config.repeatable === true)
    return undefined
  const given = request.headers['idempotency-key']
  if (typeof given !== 'string') return undefined
  const [, quoted, bare] = PATTERN.exec(given) ?? []
  return quoted ?? bare
}
