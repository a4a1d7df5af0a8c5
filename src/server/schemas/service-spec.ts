import { z } from 'zod'
import { nameSchema, secretNameSchema } from './basic.ts'
import { named } from './registry.ts'
import { rolloutPlanSchema } from './rollout-plan.ts'

const CONFIG_VALUE_CHARACTERS = 32 * 1024
const FILE_CHARACTERS = 512 * 1024

const seconds = z.number().min(0).max(31_536_000)
const variableName = z
  .string()
  .max(256)
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'must be the name of an environment variable')
const filePath = z
  .string()
  .max(1024)
  .regex(/^\/(?!.*(?:^|\/)\.\.(?:\/|$))[^\0]+$/, 'must be an absolute path without ..')
const count = z.int().min(0).max(10_000)

const probeSchema = z.strictObject({
  path: z.string().max(2048),
  periodSeconds: seconds,
  timeoutSeconds: seconds,
  failureThreshold: z.int().min(1).max(1000),
  initialDelaySeconds: seconds,
})

const scalingSchema = z.strictObject({
  min: count,
  max: count,
  cpu: z.number().min(0).exactOptional(),
  memory: z.number().min(0).exactOptional(),
  requestsPerTarget: z.number().min(0).exactOptional(),
  scaleInCooldownSeconds: seconds,
  schedules: z
    .array(
      z.strictObject({
        name: z.string().max(256),
        cron: z.string().max(256),
        timezone: z.string().max(64),
        min: count,
        max: count,
      }),
    )
    .max(100),
})

const secretReferenceSchema = z.strictObject({
  name: secretNameSchema,
  as: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('variable'), name: variableName }),
    z.strictObject({ kind: z.literal('file'), path: filePath }),
  ]),
})

export const serviceSpecSchema = named(
  'ServiceSpec',
  z.strictObject({
    command: z.array(z.string().max(8192)).max(256).exactOptional(),
    port: z.int().min(1).max(65_535),
    health: z.strictObject({ liveness: probeSchema, readiness: probeSchema }),
    cpu: z.number().min(0).max(1_048_576),
    memory: z.number().min(0).max(16_777_216),
    limits: z
      .strictObject({ cpu: z.number().min(0).max(1_048_576), memory: z.number().min(0).max(16_777_216) })
      .exactOptional(),
    spot: z.boolean().exactOptional(),
    replicas: count,
    scaling: scalingSchema.exactOptional(),
    config: z.record(variableName, z.string().max(CONFIG_VALUE_CHARACTERS)),
    files: z.record(filePath, z.string().max(FILE_CHARACTERS)),
    secrets: z.array(secretReferenceSchema).max(500),
    ingress: z
      .array(z.strictObject({ host: z.string().max(253).exactOptional(), path: z.string().max(2048) }))
      .max(200),
    calls: z.array(nameSchema).max(200).exactOptional(),
    labels: z.record(z.string().max(317), z.string().max(63)).exactOptional(),
    after: z.array(nameSchema).max(200),
    graceSeconds: seconds,
    rollout: rolloutPlanSchema,
  }),
)
