import { z } from 'zod'
import { digestSchema, idSchema, instantSchema, lineSchema, nameSchema, reasonSchema } from './basic.ts'
import { named } from './registry.ts'

export const checkSchema = named(
  'Check',
  z.strictObject({
    release: digestSchema,
    name: z.string(),
    state: z.enum(['pending', 'passed', 'failed']),
    url: z.string().exactOptional(),
    by: z.string(),
    at: instantSchema,
  }),
)

export const checkReportSchema = named(
  'CheckReport',
  z.strictObject({
    name: lineSchema,
    state: z.enum(['pending', 'passed', 'failed']),
    // Shown as a link: a script address must not get that far.
    url: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .exactOptional(),
  }),
)

const approvalKindSchema = z.enum(['peer', 'business', 'quality'])
const verdictSchema = z.enum(['approved', 'rejected'])

export const approvalSchema = named(
  'Approval',
  z.strictObject({
    id: idSchema,
    release: digestSchema,
    environment: z.string(),
    kind: approvalKindSchema,
    verdict: verdictSchema,
    by: z.string(),
    roles: z.array(z.string()),
    comment: z.string().exactOptional(),
    at: instantSchema,
    expiresAt: instantSchema,
    withdrawnAt: instantSchema.exactOptional(),
  }),
)

export const approvalDecisionSchema = named(
  'ApprovalDecision',
  z.strictObject({
    environment: nameSchema,
    kind: approvalKindSchema,
    verdict: verdictSchema,
    comment: reasonSchema.exactOptional(),
  }),
)
