import type { AuditEntry } from '../model/audit-event.ts'
import type { Freeze } from '../model/policy.ts'
import type { Promotion } from '../model/promotion.ts'
import type { Release, ReleaseContent } from '../model/release.ts'
import { releaseIdOf } from '../model/release-id.ts'
import type { Approval, Check, Token } from '../model/review.ts'
import type { Rollout } from '../model/rollout.ts'
import { sha256 } from '../model/sha256.ts'

/** Different numbers give different releases. */
export function aRelease(number = 1, changes: Partial<ReleaseContent> = {}): Release {
  const content: ReleaseContent = {
    project: 'shop',
    artifacts: { web: { kind: 'bundle', digest: sha256(`bundle ${number}`), bytes: 1000 + number } },
    environments: {},
    secrets: { prod: { DB_PASSWORD: 'v1' } },
    blueprintRevision: sha256('blueprint'),
    source: { commit: 'c0ffee', branch: 'main', dirty: false, commitAuthor: 'ada@example.com' },
    author: 'ada',
    ...changes,
  }
  return { ...content, id: releaseIdOf(content), createdAt: 1000 + number }
}

export function aPromotion(release: Release, changes: Partial<Promotion> = {}): Promotion {
  return {
    id: 'prod-1',
    environment: 'prod',
    release: release.id,
    kind: 'promotion',
    services: ['web'],
    by: { kind: 'person', name: 'grace', roles: ['operator'] },
    createdAt: 2000,
    state: { phase: 'waiting', reasons: [] },
    dueAt: null,
    version: 1,
    ...changes,
  }
}

export function aRollout(promotion: Promotion, changes: Partial<Rollout> = {}): Rollout {
  return {
    id: `${promotion.id}.web`,
    promotion: promotion.id,
    environment: promotion.environment,
    service: 'web',
    number: Number(promotion.id.split('-').at(-1)),
    kind: promotion.kind,
    to: { color: 'green', release: promotion.release },
    artifact: promotion.release,
    after: [],
    plan: aPlan,
    replicas: 2,
    autoscaled: false,
    createdAt: 3000,
    state: { phase: 'preflight', since: 3000 },
    history: [],
    dueAt: null,
    version: 1,
    ...changes,
  }
}

export function aCheck(release: Release, changes: Partial<Check> = {}): Check {
  return { release: release.id, name: 'unit', state: 'passed', by: 'ci', at: 1500, ...changes }
}

export function anApproval(release: Release, changes: Partial<Approval> = {}): Approval {
  return {
    id: 'a-1',
    release: release.id,
    environment: 'prod',
    kind: 'peer',
    verdict: 'approved',
    by: 'grace',
    roles: ['developer'],
    at: 1600,
    expiresAt: 9000,
    ...changes,
  }
}

export function aFreeze(changes: Partial<Freeze> = {}): Freeze {
  return { id: 'f-1', environment: 'prod', reason: 'stocktaking', by: 'grace', from: 100, ...changes }
}

export function aToken(changes: Partial<Token> = {}): Token {
  return {
    id: 't-1',
    name: 'ci',
    kind: 'automation',
    roles: ['ci'],
    hash: sha256('a token'),
    createdAt: 1,
    expiresAt: 9000,
    ...changes,
  }
}

export function anEntry(changes: Partial<AuditEntry> = {}): AuditEntry {
  return {
    at: 5000,
    actor: 'grace',
    kind: 'promotion.requested',
    message: 'prod-1 was asked for',
    ...changes,
  }
}

const aPlan: Rollout['plan'] = {
  strategy: 'blue-green',
  steps: [{ percent: 100, bakeSeconds: 60 }],
  verify: [],
  approveSwitch: false,
  analysis: { windowSeconds: 60, minimumRequests: 10, maxErrorRate: 0.01 },
  standbySeconds: 600,
  sticky: false,
  deadlines: { preflight: 60, provision: 300, verify: 60, approval: 3600, hold: 60, shift: 30, retire: 60 },
}
