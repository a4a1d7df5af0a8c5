import { z } from 'zod'
import { artifactSchema } from './artifact.ts'
import { digestSchema } from './basic.ts'
import { named } from './registry.ts'

const sides = <S extends z.ZodType>(schema: S) => ({
  from: schema.exactOptional(),
  to: schema.exactOptional(),
})

export const releaseDiffSchema = named(
  'ReleaseDiff',
  z.strictObject({
    from: digestSchema,
    to: digestSchema,
    artifacts: z.array(z.strictObject({ service: z.string(), ...sides(artifactSchema) })),
    configuration: z.array(
      z.strictObject({
        environment: z.string(),
        service: z.string(),
        path: z.string(),
        ...sides(z.unknown()),
      }),
    ),
    secrets: z.array(z.strictObject({ environment: z.string(), name: z.string(), ...sides(z.string()) })),
    source: z.array(
      z.strictObject({
        field: z.enum(['commit', 'branch', 'dirty', 'commitAuthor', 'author', 'blueprintRevision']),
        ...sides(z.union([z.string(), z.boolean()])),
      }),
    ),
  }),
)
