import { z } from 'zod'
import type { AuditKind } from '../../model/audit-event.ts'
import { digestSchema, instantSchema } from './basic.ts'
import { named } from './registry.ts'

const AUDIT_KINDS = [
  'release.created',
  'check.reported',
  'approval.given',
  'approval.rejected',
  'approval.withdrawn',
  'promotion.requested',
  'promotion.waiting',
  'promotion.returned',
  'promotion.superseded',
  'promotion.started',
  'promotion.finished',
  'rollout.moved',
  'rollout.requested',
  'rollout.paused',
  'rollout.resumed',
  'rollout.finished',
  'freeze.declared',
  'freeze.lifted',
  'secret.written',
  'token.created',
  'token.revoked',
  'policy.changed',
  'environment.repaired',
  'store.backed-up',
  'store.restored',
  'store.moved',
] as const satisfies readonly AuditKind[]

export const auditEventSchema = named(
  'AuditEvent',
  z.strictObject({
    at: instantSchema,
    actor: z.string(),
    kind: z.enum(AUDIT_KINDS),
    environment: z.string().exactOptional(),
    service: z.string().exactOptional(),
    release: z.string().exactOptional(),
    promotion: z.string().exactOptional(),
    rollout: z.string().exactOptional(),
    message: z.string(),
    data: z.record(z.string(), z.unknown()).exactOptional(),
    sequence: z.int().min(1),
    previous: digestSchema,
    hash: digestSchema,
  }),
)

export const auditReportSchema = named(
  'AuditReport',
  z.strictObject({
    events: z.int(),
    broken: z.strictObject({ sequence: z.int(), what: z.string() }).exactOptional(),
  }),
)
