import { z } from 'zod'
import { instantSchema } from './basic.ts'
import { named } from './registry.ts'
import { colorSchema } from './rollout.ts'

export const logLineSchema = named(
  'LogLine',
  z.strictObject({
    at: instantSchema,
    color: colorSchema,
    instance: z.string(),
    stream: z.enum(['stdout', 'stderr']),
    text: z.string(),
  }),
)

export const logQuerySchema = z.strictObject({
  follow: z.stringbool().default(false).describe('Go on with new lines until the client leaves.'),
  tail: z.coerce.number().int().min(0).max(10_000).default(100).describe('Lines of the past, at the most.'),
  color: colorSchema.exactOptional(),
})
