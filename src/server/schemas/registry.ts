import { z } from 'zod'

/** Schemas that the OpenAPI document names; the rest stand where they are used. */
export const namedSchemas = z.registry<{ id: string }>()

export function named<S extends z.ZodType>(id: string, schema: S): S {
  namedSchemas.add(schema, { id })
  return schema
}
