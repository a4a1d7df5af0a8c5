import { z } from 'zod'
import { named } from './registry.ts'

const seconds = z.number().min(0).max(31_536_000)
const share = z.number().min(0).max(1)
const query = z.string().min(1).max(4000)
const headers = z.record(z.string().max(256), z.string().max(8192))

const verificationSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('http'),
    method: z.string().max(16),
    path: z.string().max(2048),
    headers,
    status: z.int().min(100).max(599),
    expectHeaders: headers,
    bodyContains: z.string().max(8192).exactOptional(),
    maxMilliseconds: z.number().min(0).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('command'),
    command: z.array(z.string().max(8192)).min(1).max(256),
    timeoutSeconds: seconds,
  }),
])

const analysisSchema = z.strictObject({
  windowSeconds: seconds,
  minimumRequests: z.int().min(0),
  maxErrorRate: share,
  maxP95Milliseconds: z.number().min(0).exactOptional(),
  maxP99Milliseconds: z.number().min(0).exactOptional(),
  comparison: z.strictObject({ maxErrorRateIncrease: share, maxP95Ratio: z.number().min(0) }).exactOptional(),
  queries: z
    .strictObject({
      requests: query.exactOptional(),
      errors: query.exactOptional(),
      p95: query.exactOptional(),
      p99: query.exactOptional(),
    })
    .exactOptional(),
})

export const rolloutPlanSchema = named(
  'RolloutPlan',
  z.strictObject({
    strategy: z.enum(['blue-green', 'canary', 'rolling']),
    steps: z
      .array(z.strictObject({ percent: z.int().min(0).max(100), bakeSeconds: seconds }))
      .min(1)
      .max(100),
    verify: z.array(verificationSchema).max(100),
    approveSwitch: z.boolean(),
    analysis: analysisSchema,
    standbySeconds: seconds,
    sticky: z.boolean(),
    drain: z.strictObject({ path: z.string().max(2048), timeoutSeconds: seconds }).exactOptional(),
    deadlines: z.strictObject({
      preflight: seconds,
      provision: seconds,
      verify: seconds,
      approval: seconds,
      hold: seconds,
      shift: seconds,
      retire: seconds,
    }),
  }),
)
