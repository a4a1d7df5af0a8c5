import { z } from 'zod'
import { actorSchema } from './actor.ts'
import {
  digestSchema,
  idSchema,
  instantSchema,
  nameSchema,
  reasonSchema,
  releaseReferenceSchema,
} from './basic.ts'
import { gateReasonSchema } from './gate.ts'
import { named } from './registry.ts'
import { rolloutSchema } from './rollout.ts'

const stateSchema = z.discriminatedUnion('phase', [
  z.strictObject({ phase: z.literal('waiting'), reasons: z.array(gateReasonSchema) }),
  z.strictObject({ phase: z.literal('running'), startedAt: instantSchema }),
  z.strictObject({
    phase: z.literal('done'),
    outcome: z.enum(['succeeded', 'failed', 'rolled-back', 'aborted', 'returned', 'superseded']),
    at: instantSchema,
    reasons: z.array(z.string()),
  }),
])

const promotionShape = {
  id: idSchema,
  environment: z.string(),
  release: digestSchema,
  kind: z.enum(['promotion', 'rollback']),
  services: z.array(z.string()),
  by: actorSchema,
  breakGlass: z.strictObject({ reason: z.string() }).exactOptional(),
  createdAt: instantSchema,
  state: stateSchema,
  dueAt: instantSchema.nullable(),
  version: z.int(),
}

export const promotionSchema = named('Promotion', z.strictObject(promotionShape))

export const promotionDetailSchema = named(
  'PromotionDetail',
  z.strictObject({ ...promotionShape, rollouts: z.array(rolloutSchema) }),
)

export const promotionRequestSchema = named(
  'PromotionRequest',
  z.strictObject({
    release: releaseReferenceSchema,
    environment: nameSchema,
    breakGlass: z.strictObject({ reason: reasonSchema }).exactOptional(),
    dryRun: z.boolean().exactOptional().describe('Tell what the gate says and change nothing.'),
  }),
)
