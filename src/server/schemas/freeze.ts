import { z } from 'zod'
import { idSchema, instantSchema, nameSchema, reasonSchema } from './basic.ts'
import { named } from './registry.ts'

export const freezeSchema = named(
  'Freeze',
  z.strictObject({
    id: idSchema,
    environment: z.string().exactOptional(),
    reason: z.string(),
    by: z.string(),
    from: instantSchema,
    until: instantSchema.exactOptional(),
    liftedAt: instantSchema.exactOptional(),
    liftedBy: z.string().exactOptional(),
  }),
)

export const freezeRequestSchema = named(
  'FreezeRequest',
  z.strictObject({
    environment: nameSchema.exactOptional().describe('Without one, every environment is frozen.'),
    reason: reasonSchema,
    until: instantSchema.exactOptional(),
  }),
)
