import type { z } from 'zod'

/** A JSON response with what it means. */
export function described<S extends z.ZodType>(description: string, schema: S) {
  return { description, content: { 'application/json': { schema } } }
}
