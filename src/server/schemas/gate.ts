import { z } from 'zod'
import { instantSchema } from './basic.ts'
import { named } from './registry.ts'

export const gateReasonSchema = named(
  'GateReason',
  z.strictObject({
    state: z.enum(['waiting', 'failed']),
    gate: z.enum(['order', 'soak', 'check', 'approval', 'expression', 'freeze', 'retry', 'busy', 'release']),
    reason: z.string(),
    remedy: z.string(),
    until: instantSchema.exactOptional(),
  }),
)

export const gateReportSchema = named(
  'GateReport',
  z.strictObject({ verdict: z.enum(['met', 'waiting', 'failed']), reasons: z.array(gateReasonSchema) }),
)
