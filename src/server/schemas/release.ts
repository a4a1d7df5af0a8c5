import { z } from 'zod'
import { artifactSchema } from './artifact.ts'
import { digestSchema, instantSchema, nameSchema } from './basic.ts'
import { promotionSchema } from './promotion.ts'
import { named } from './registry.ts'
import { approvalSchema, checkSchema } from './review.ts'
import { serviceSpecSchema } from './service-spec.ts'

const sourceSchema = z.strictObject({
  commit: z.string().max(128).exactOptional(),
  branch: z.string().max(256).exactOptional(),
  dirty: z.boolean(),
  commitAuthor: z.string().max(320).exactOptional(),
})

/** A release as it is asked for: author and secret versions are the server's to fill in. */
export const releaseRequestSchema = named(
  'ReleaseRequest',
  z.strictObject({
    project: nameSchema,
    artifacts: z.record(nameSchema, artifactSchema),
    environments: z.record(nameSchema, z.record(nameSchema, serviceSpecSchema)),
    blueprintRevision: digestSchema,
    source: sourceSchema,
  }),
)

const releaseShape = {
  ...releaseRequestSchema.shape,
  secrets: z.record(z.string(), z.record(z.string(), z.string())),
  author: z.string(),
  id: digestSchema,
  createdAt: instantSchema,
}

export const releaseSchema = named('Release', z.strictObject(releaseShape))

export const releaseDetailSchema = named(
  'ReleaseDetail',
  z.strictObject({
    ...releaseShape,
    promotions: z.array(promotionSchema),
    checks: z.array(checkSchema),
    approvals: z.array(approvalSchema),
  }),
)
