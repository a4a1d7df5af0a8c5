import type { ApprovalKind } from '../model/policy.ts'
import type { Tier } from './blueprint.ts'

/** Every documented default of a service that holds in all environments. Durations in seconds, memory in MiB. */
export const SERVICE_DEFAULTS = {
  port: 3000,
  health: {
    liveness: { path: '/health', period: 10, timeout: 2, failureThreshold: 3, initialDelay: 0 },
    readiness: { path: '/ready', period: 2, timeout: 2, failureThreshold: 3, initialDelay: 0 },
  },
  scaling: false,
  config: {},
  files: {},
  secrets: {},
  ingress: [],
  egress: [],
  after: [],
  grace: 30,
  rollout: {
    strategy: 'blue-green',
    approve: false,
    analysis: { window: 60, maxErrorRate: 0.05 },
    sticky: false,
    deadlines: {
      preflight: 120,
      provision: 600,
      verify: 300,
      approval: 86_400,
      hold: 600,
      shift: 120,
      retire: 600,
    },
  },
  migration: 'none',
  spot: false,
  labels: {},
} as const

/** Defaults that depend on how much an environment matters. */
export const SERVICE_TIER_DEFAULTS = {
  development: {
    cpu: 256,
    replicas: 1,
    rollout: { bake: 0, standby: 300, analysis: { minimumRequests: 0, comparison: false } },
  },
  staging: {
    cpu: 512,
    replicas: 2,
    rollout: { bake: 10, standby: 900, analysis: { minimumRequests: 0, comparison: false } },
  },
  production: {
    cpu: 1024,
    replicas: 3,
    rollout: {
      bake: 300,
      standby: 3600,
      analysis: { minimumRequests: 20, comparison: { maxErrorRateIncrease: 0.02, maxP95Ratio: 2 } },
    },
  },
} as const satisfies Record<Tier, object>

/** Steps of each strategy. Rolling replaces in place: it has the users from its first instance on. */
export const STRATEGY_STEPS = {
  'blue-green': [20, 100],
  canary: [5, 20, 50, 100],
  rolling: [100],
} as const

/** Defaults of parts that hold once the part is asked for. */
export const SCALING_DEFAULTS = {
  min: 2,
  max: 20,
  cpu: 70,
  memory: 75,
  requestsPerTarget: 500,
  scaleInCooldown: 300,
  schedules: {},
} as const

export const COMPARISON_DEFAULTS = { maxErrorRateIncrease: 0.02, maxP95Ratio: 2 } as const

export const ENVIRONMENT_DEFAULTS = {
  promotion: 'manual',
  gate: { soak: 0, checks: [], approvals: [], expressions: [] },
  freezes: {},
  onFailure: 'stop',
  schedules: {},
  target: 'local',
  ecs: { capacity: 'fargate', deployments: 'sluice' },
  ec2: {
    ami: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
    warmup: 60,
  },
  kubernetes: { switch: 'ingress', ingressClass: 'alb' },
  loadBalancer: { internal: false, testPort: 8443 },
  database: false,
  monitoring: { notify: [] },
} as const

export const ENVIRONMENT_TIER_DEFAULTS = {
  development: {
    ecs: { instanceType: 't3.micro' },
    ec2: { instanceType: 't3.micro' },
    network: { zones: 2, nat: 'one', flowLogs: false, endpoints: false },
    monitoring: { logRetentionDays: 7, alarms: false, dashboard: false },
    backup: false,
  },
  staging: {
    ecs: { instanceType: 'm5.large' },
    ec2: { instanceType: 'm5.large' },
    network: { zones: 3, nat: 'one', flowLogs: true, endpoints: true },
    monitoring: { logRetentionDays: 30, alarms: true, dashboard: true },
    backup: { cron: '0 3 * * *', retentionDays: 7 },
  },
  production: {
    gate: { approvals: [{ of: 'peer' }, { of: 'business' }, { of: 'quality' }] },
    ecs: { instanceType: 'm5.large' },
    ec2: { instanceType: 'm5.large' },
    network: { zones: 3, nat: 'per-zone', flowLogs: true, endpoints: true },
    monitoring: { logRetentionDays: 90, alarms: true, dashboard: true },
    backup: { cron: '0 3 * * *', retentionDays: 35 },
  },
} as const satisfies Record<Tier, object>

export const DATABASE_DEFAULTS = { engine: 'postgres', version: '17', storage: 20 } as const

export const DATABASE_TIER_DEFAULTS = {
  development: {
    instance: 'db.t4g.micro',
    multiAz: false,
    deletionProtection: false,
    backupRetentionDays: 1,
  },
  staging: { instance: 'db.t4g.medium', multiAz: true, deletionProtection: false, backupRetentionDays: 7 },
  production: { instance: 'db.m6g.large', multiAz: true, deletionProtection: true, backupRetentionDays: 30 },
} as const satisfies Record<Tier, object>

export const BACKUP_DEFAULTS = { cron: '0 3 * * *', retentionDays: 35 } as const

/** Who may give an approval, and for how long it holds. */
export const APPROVAL_DEFAULTS: Readonly<
  Record<
    ApprovalKind,
    { readonly roles: readonly string[]; readonly count: number; readonly expires: number }
  >
> = {
  peer: { count: 1, roles: ['developer', 'operator'], expires: 604_800 },
  business: { count: 1, roles: ['product'], expires: 604_800 },
  quality: { count: 1, roles: ['qa'], expires: 604_800 },
}

export const VERIFY_DEFAULTS = { method: 'GET', status: 200, commandTimeout: 300 } as const
/** How long an instance may take to let go of its connections. */
export const DRAIN_SECONDS = 30
export const DEFAULT_TIMEZONE = 'UTC'
export const FIRST_LOCAL_PORT = 8081
