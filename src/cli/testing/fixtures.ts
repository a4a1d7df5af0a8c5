import type { ServiceStatus, Status } from '../../engine/control-plane.ts'
import type { Color } from '../../model/color.ts'
import type { GateReason } from '../../model/gate.ts'
import type { Promotion } from '../../model/promotion.ts'
import type { ReleaseId } from '../../model/release.ts'
import type { Rollout, RolloutState } from '../../model/rollout.ts'

/** 2026-05-04 12:00:00 UTC. */
export const NOON = Date.UTC(2026, 4, 4, 12)
const MINUTE = 60_000

export const OLD: ReleaseId = `sha256:${'1b2c3d4e5f'.repeat(6)}aaaa`
export const NEW: ReleaseId = `sha256:${'3fa9c1d2e4'.repeat(6)}bbbb`

export function rolloutOf(o: {
  readonly service: string
  readonly state: RolloutState
  readonly history?: Rollout['history']
  readonly kind?: Rollout['kind']
  readonly version?: number
  readonly request?: Rollout['request']
}): Rollout {
  return {
    id: `prod-12.${o.service}`,
    promotion: 'prod-12',
    environment: 'prod',
    service: o.service,
    number: 12,
    kind: o.kind ?? 'promotion',
    from: { color: 'blue', release: OLD },
    to: { color: 'green', release: NEW },
    artifact: NEW,
    plan: {
      strategy: 'blue-green',
      steps: [
        { percent: 20, bakeSeconds: 60 },
        { percent: 100, bakeSeconds: 300 },
      ],
      verify: [],
      approveSwitch: false,
      analysis: { windowSeconds: 60, minimumRequests: 20, maxErrorRate: 0.01 },
      standbySeconds: 3600,
      sticky: false,
      deadlines: {
        preflight: 60,
        provision: 300,
        verify: 60,
        approval: 3600,
        hold: 300,
        shift: 60,
        retire: 60,
      },
    },
    after: [],
    replicas: 2,
    autoscaled: false,
    createdAt: NOON,
    state: o.state,
    history: o.history ?? [{ phase: o.state.phase, at: NOON, reason: '' }],
    dueAt: null,
    version: o.version ?? 1,
    ...(o.request === undefined ? {} : { request: o.request }),
  }
}

export function promotionOf(
  state: Promotion['state'],
  services: readonly string[] = ['api', 'web'],
): Promotion {
  return {
    id: 'prod-12',
    environment: 'prod',
    release: NEW,
    kind: 'promotion',
    services,
    by: { kind: 'person', name: 'ada@example.com', roles: ['operator'] },
    createdAt: NOON,
    state,
    dueAt: null,
    version: 1,
  }
}

export const PEER_MISSING: GateReason = {
  state: 'waiting',
  gate: 'approval',
  reason: '1 of 2 peer approvals given',
  remedy: 'sluice approve r-3fa9c1d2e4 --environment prod --kind peer',
}

export const SOAKING: GateReason = {
  state: 'waiting',
  gate: 'soak',
  reason: 'runs in staging for 3m, has to run there for 10m',
  remedy: 'wait',
  until: NOON + 7 * MINUTE,
}

export const CHECK_FAILED: GateReason = {
  state: 'failed',
  gate: 'check',
  reason: 'the check load-test failed',
  remedy: 'see https://ci.example.com/runs/812',
}

export function serviceStatus(
  service: string,
  o: Partial<ServiceStatus> & { color?: Color; release?: ReleaseId },
): ServiceStatus {
  const { color = 'blue', release = OLD, ...rest } = o
  return {
    service,
    active: { color, release, since: NOON - 90 * MINUTE },
    weights: color === 'blue' ? { blue: 100, green: 0 } : { blue: 0, green: 100 },
    instances: { [color]: { ready: 2, desired: 2 } },
    health: 'healthy',
    ...rest,
  }
}

/** dev has the new release, staging keeps a standby, prod is in the middle of a switch. */
export const STATUS: Status = {
  project: 'shop',
  at: NOON,
  environments: [
    {
      name: 'dev',
      address: 'http://127.0.0.1:4100',
      waiting: [],
      services: [
        serviceStatus('api', { color: 'green', release: NEW }),
        serviceStatus('web', { color: 'green', release: NEW }),
      ],
    },
    {
      name: 'staging',
      address: 'http://127.0.0.1:4101',
      frozen: 'the sale',
      waiting: [],
      services: [
        serviceStatus('api', {
          color: 'green',
          release: NEW,
          standby: { color: 'blue', release: OLD, until: NOON + 41 * MINUTE },
        }),
        { service: 'web', health: 'empty' },
      ],
    },
    {
      name: 'prod',
      address: 'http://127.0.0.1:4102',
      waiting: [
        {
          ...promotionOf({ phase: 'waiting', reasons: [PEER_MISSING, SOAKING] }),
          createdAt: NOON - 4 * MINUTE,
        },
      ],
      services: [
        serviceStatus('api', {
          weights: { blue: 80, green: 20 },
          rollout: rolloutOf({ service: 'api', state: { phase: 'shift', since: NOON, step: 0 } }),
        }),
        serviceStatus('web', {
          health: 'degraded',
          instances: { blue: { ready: 1, desired: 2 } },
          problem: 'web-2 ended with code 1\nError: no database',
        }),
      ],
    },
  ],
}
