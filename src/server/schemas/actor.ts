import { z } from 'zod'
import { named } from './registry.ts'

export const actorSchema = named(
  'Actor',
  z.strictObject({
    kind: z.enum(['person', 'automation', 'sluice']),
    name: z.string(),
    roles: z.array(z.string()),
  }),
)
