import { PERMISSIONS } from '../../model/permissions.ts'
import type { EnvironmentPolicy, Policy } from '../../model/policy.ts'
import type { ReleaseContent } from '../../model/release.ts'
import type { Probe, ServiceSpec } from '../../model/service-spec.ts'
import { sha256 } from '../../model/sha256.ts'
import { aPromotion, aRelease, aRollout } from '../../store/store-fixtures.ts'

const environment = (name: string): EnvironmentPolicy => ({
  name,
  target: 'local',
  promotion: 'manual',
  gate: { soakSeconds: 0, checks: [], approvals: [], expressions: [] },
  freezes: [],
  onFailure: 'stop',
})

export const policy: Policy = {
  project: 'shop',
  environments: [environment('dev'), environment('staging'), environment('prod')],
  roles: {
    guest: { permissions: [] },
    viewer: { permissions: ['read'] },
    developer: {
      permissions: ['read', 'create-release', 'promote', 'operate', 'rollback'],
      environments: ['dev'],
    },
    reviewer: { permissions: ['read', 'approve'] },
    ci: { permissions: ['create-release', 'report-check'] },
    operator: {
      permissions: ['read', 'promote', 'operate', 'rollback', 'manage-freezes'],
      environments: ['staging', 'prod'],
    },
    keeper: { permissions: ['manage-secrets', 'manage-tokens'], environments: ['dev', 'staging'] },
    admin: { permissions: PERMISSIONS },
  },
}

const probe: Probe = {
  path: '/health',
  periodSeconds: 10,
  timeoutSeconds: 1,
  failureThreshold: 3,
  initialDelaySeconds: 0,
}

export const release = aRelease()
export const promotion = aPromotion(release)
export const rollout = aRollout(promotion)

export const spec: ServiceSpec = {
  port: 3000,
  health: { liveness: probe, readiness: probe },
  cpu: 256,
  memory: 512,
  replicas: 2,
  config: { LOG_LEVEL: 'info' },
  files: {},
  secrets: [{ name: 'db-password', as: { kind: 'variable', name: 'DB_PASSWORD' } }],
  ingress: [{ path: '/' }],
  after: [],
  graceSeconds: 10,
  rollout: rollout.plan,
}

export const releaseRequest: Omit<ReleaseContent, 'author' | 'secrets'> = {
  project: 'shop',
  artifacts: { web: { kind: 'bundle', digest: sha256('web'), bytes: 100 } },
  environments: { dev: { web: spec }, prod: { web: spec } },
  blueprintRevision: sha256('blueprint'),
  source: { commit: 'c0ffee', dirty: false },
}
