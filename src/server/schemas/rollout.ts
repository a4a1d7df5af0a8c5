import { z } from 'zod'
import { digestSchema, idSchema, instantSchema } from './basic.ts'
import { named } from './registry.ts'
import { rolloutPlanSchema } from './rollout-plan.ts'

const since = { since: instantSchema }
const outcome = z.enum(['succeeded', 'failed', 'rolled-back', 'aborted'])
const ending = {
  reason: z.string(),
  outcome,
  rollbackMilliseconds: z.number().exactOptional(),
  automatic: z.boolean().exactOptional(),
}
const phase = z.enum([
  'pending',
  'preflight',
  'provision',
  'verify',
  'approval',
  'shift',
  'bake',
  'standby',
  'retire',
  'rollback',
  'withdraw',
  'done',
])

export const colorSchema = z.enum(['blue', 'green'])

const occupantSchema = z.strictObject({ color: colorSchema, release: digestSchema })

const stateSchema = z.discriminatedUnion('phase', [
  z.strictObject({ phase: z.literal('pending'), ...since }),
  z.strictObject({ phase: z.literal('preflight'), ...since }),
  z.strictObject({ phase: z.literal('provision'), ...since }),
  z.strictObject({ phase: z.literal('verify'), ...since, attempt: z.int() }),
  z.strictObject({ phase: z.literal('approval'), ...since }),
  z.strictObject({
    phase: z.literal('shift'),
    ...since,
    step: z.int(),
    confirmedAt: instantSchema.exactOptional(),
  }),
  z.strictObject({ phase: z.literal('bake'), ...since }),
  z.strictObject({ phase: z.literal('standby'), ...since }),
  z.strictObject({ phase: z.literal('retire'), ...since }),
  z.strictObject({
    phase: z.literal('rollback'),
    ...since,
    reason: z.string(),
    automatic: z.boolean(),
    requestedAt: instantSchema,
    outcome: z.enum(['rolled-back', 'aborted']),
  }),
  z.strictObject({ phase: z.literal('withdraw'), ...since, ...ending }),
  z.strictObject({
    phase: z.literal('done'),
    at: instantSchema,
    ...ending,
    serving: occupantSchema.exactOptional(),
  }),
])

const wish = { by: z.string(), at: instantSchema }
const requestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('advance'), ...wish }),
  z.strictObject({ kind: z.literal('abort'), ...wish, reason: z.string() }),
  z.strictObject({ kind: z.literal('rollback'), ...wish, reason: z.string() }),
  z.strictObject({ kind: z.literal('end-standby'), ...wish }),
])

export const rolloutSchema = named(
  'Rollout',
  z.strictObject({
    id: idSchema,
    promotion: idSchema,
    environment: z.string(),
    service: z.string(),
    number: z.int().meta({ description: 'The running number of its service in the environment.' }),
    kind: z.enum(['promotion', 'rollback']),
    from: occupantSchema.exactOptional(),
    to: occupantSchema,
    artifact: digestSchema.meta({ description: 'What the new color runs.' }),
    after: z.array(z.string()),
    plan: rolloutPlanSchema,
    replicas: z.int(),
    autoscaled: z.boolean(),
    createdAt: instantSchema,
    state: stateSchema,
    pausedBy: z.string().exactOptional(),
    request: requestSchema.exactOptional(),
    capacity: z.int().exactOptional(),
    history: z.array(z.strictObject({ phase, at: instantSchema, reason: z.string() })),
    dueAt: instantSchema.nullable(),
    version: z.int(),
  }),
)
