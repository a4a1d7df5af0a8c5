import { z } from 'zod'
import { instantSchema, nameSchema } from './basic.ts'
import { named } from './registry.ts'

const liveDifferenceSchema = named(
  'LiveDifference',
  z.strictObject({
    object: z.string(),
    field: z.string(),
    released: z.string().exactOptional(),
    live: z.string().exactOptional(),
    manager: z.string().exactOptional(),
    at: instantSchema.exactOptional(),
  }),
)

export const serviceDifferencesSchema = named(
  'ServiceDifferences',
  z.strictObject({
    service: nameSchema,
    differences: z.array(liveDifferenceSchema).readonly(),
    problem: z.string().exactOptional(),
  }),
)
