import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { GateReport, Status } from '../../engine/control-plane.ts'
import type { AuditEvent } from '../../model/audit-event.ts'
import type { Freeze, Policy } from '../../model/policy.ts'
import type { Promotion } from '../../model/promotion.ts'
import type { Release, ReleaseContent } from '../../model/release.ts'
import type { ReleaseDiff } from '../../model/release-diff.ts'
import type { Approval, Check, Token } from '../../model/review.ts'
import type { Rollout } from '../../model/rollout.ts'
import type { ServiceSpec } from '../../model/service-spec.ts'
import type { LogLine } from '../../targets/target.ts'
import type { Problem } from '../problems/problem.ts'
import type { DeepReadonly } from '../typed.ts'
import type { auditEventSchema } from './audit.ts'
import type { freezeSchema } from './freeze.ts'
import type { gateReportSchema } from './gate.ts'
import type { logLineSchema } from './log-line.ts'
import type { policySchema } from './policy.ts'
import type { problemSchema } from './problem.ts'
import type { promotionSchema } from './promotion.ts'
import type { releaseRequestSchema, releaseSchema } from './release.ts'
import type { releaseDiffSchema } from './release-diff.ts'
import type { approvalSchema, checkSchema } from './review.ts'
import type { rolloutSchema } from './rollout.ts'
import type { serviceSpecSchema } from './service-spec.ts'
import type { statusSchema } from './status.ts'
import type { tokenSchema } from './token.ts'

/** True only when model and schema describe the same data, in both directions, optional fields included. */
type Agree<Model, Schema extends z.ZodType> =
  Same<Model, DeepReadonly<z.output<Schema>>> extends true
    ? Same<DeepRequired<Model>, DeepRequired<DeepReadonly<z.output<Schema>>>>
    : Same<Model, DeepReadonly<z.output<Schema>>>

type Same<Model, Described> = [Model] extends [Described]
  ? [Described] extends [Model]
    ? true
    : 'the schema allows more than the model'
  : 'the model allows more than the schema'

/** An optional field that one side lacks would be assignable both ways. */
type DeepRequired<T> = T extends readonly (infer Item)[]
  ? readonly DeepRequired<Item>[]
  : T extends object
    ? { readonly [K in keyof T]-?: DeepRequired<T[K]> }
    : T

const agreements: {
  auditEvent: Agree<AuditEvent, typeof auditEventSchema>
  approval: Agree<Approval, typeof approvalSchema>
  check: Agree<Check, typeof checkSchema>
  freeze: Agree<Freeze, typeof freezeSchema>
  gateReport: Agree<GateReport, typeof gateReportSchema>
  logLine: Agree<LogLine, typeof logLineSchema>
  policy: Agree<Policy & { readonly revision: `sha256:${string}` }, typeof policySchema>
  problem: Agree<Problem, typeof problemSchema>
  promotion: Agree<Promotion, typeof promotionSchema>
  release: Agree<Release, typeof releaseSchema>
  releaseDiff: Agree<ReleaseDiff, typeof releaseDiffSchema>
  releaseRequest: Agree<Omit<ReleaseContent, 'author' | 'secrets'>, typeof releaseRequestSchema>
  rollout: Agree<Rollout, typeof rolloutSchema>
  serviceSpec: Agree<ServiceSpec, typeof serviceSpecSchema>
  status: Agree<Status, typeof statusSchema>
  token: Agree<Omit<Token, 'hash'>, typeof tokenSchema>
} = {
  auditEvent: true,
  approval: true,
  check: true,
  freeze: true,
  gateReport: true,
  logLine: true,
  policy: true,
  problem: true,
  promotion: true,
  release: true,
  releaseDiff: true,
  releaseRequest: true,
  rollout: true,
  serviceSpec: true,
  status: true,
  token: true,
}

describe('schemas of the API', () => {
  it('describe exactly the types of the model (proved by the type check)', () => {
    expect(Object.values(agreements)).toEqual(Object.keys(agreements).map(() => true))
  })
})
