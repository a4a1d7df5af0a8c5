import { z } from 'zod'
import { digestSchema } from './basic.ts'
import { named } from './registry.ts'

export const artifactSchema = named(
  'Artifact',
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('bundle'), digest: digestSchema, bytes: z.int().min(0) }),
    z.strictObject({
      kind: z.literal('image'),
      digest: digestSchema,
      repository: z.string().min(1).max(512),
      tag: z.string().min(1).max(128).exactOptional(),
    }),
  ]),
)
