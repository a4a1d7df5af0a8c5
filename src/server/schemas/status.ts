import { z } from 'zod'
import { digestSchema, instantSchema } from './basic.ts'
import { promotionSchema } from './promotion.ts'
import { named } from './registry.ts'
import { colorSchema, rolloutSchema } from './rollout.ts'

const measurement = z.strictObject({
  requests: z.number(),
  errors: z.number(),
  p50: z.number().exactOptional(),
  p95: z.number().exactOptional(),
  p99: z.number().exactOptional(),
})

const byColor = <S extends z.ZodType>(schema: S) =>
  z.strictObject({ blue: schema.exactOptional(), green: schema.exactOptional() })

const serviceStatusSchema = named(
  'ServiceStatus',
  z.strictObject({
    service: z.string(),
    active: z
      .strictObject({ color: colorSchema, release: digestSchema, since: instantSchema })
      .exactOptional(),
    standby: z
      .strictObject({ color: colorSchema, release: digestSchema, until: instantSchema })
      .exactOptional(),
    rollout: rolloutSchema.exactOptional(),
    weights: z.strictObject({ blue: z.number(), green: z.number() }).exactOptional(),
    instances: byColor(z.strictObject({ ready: z.int(), desired: z.int() })).exactOptional(),
    health: z.enum(['healthy', 'degraded', 'failing', 'unknown', 'empty']),
    problem: z.string().exactOptional(),
    measurements: byColor(measurement)
      .extend({ missing: byColor(z.string()).exactOptional() })
      .exactOptional(),
  }),
)

export const statusSchema = named(
  'Status',
  z.strictObject({
    project: z.string(),
    at: instantSchema,
    environments: z.array(
      z.strictObject({
        name: z.string(),
        address: z.string().exactOptional(),
        frozen: z.string().exactOptional(),
        waiting: z.array(promotionSchema),
        services: z.array(serviceStatusSchema),
      }),
    ),
  }),
)
