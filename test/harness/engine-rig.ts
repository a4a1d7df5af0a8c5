import { createControlPlane } from '../../src/engine/create-control-plane.ts'
import { createEngine } from '../../src/engine/engine.ts'
import type { EngineParts } from '../../src/engine/parts.ts'
import type { Store } from '../../src/engine/ports.ts'
import { systemAfter } from '../../src/engine/timers.ts'
import type { Actor } from '../../src/model/actor.ts'
import type { EnvironmentPolicy, Policy } from '../../src/model/policy.ts'
import type { Promotion } from '../../src/model/promotion.ts'
import type { ReleaseContent } from '../../src/model/release.ts'
import type { Rollout } from '../../src/model/rollout.ts'
import type { ServiceSpec } from '../../src/model/service-spec.ts'
import { openMemoryStore } from '../../src/store/sqlite/open-sqlite-store.ts'
import { createFakeTarget } from './fake-target.ts'

export const KIM: Actor = { kind: 'person', name: 'kim', roles: ['operator', 'developer'] }
export const LEE: Actor = { kind: 'person', name: 'lee', roles: ['qa', 'product'] }
export const CI: Actor = { kind: 'automation', name: 'ci', roles: ['ci'] }

const PROBE = {
  path: '/health',
  periodSeconds: 10,
  timeoutSeconds: 1,
  failureThreshold: 3,
  initialDelaySeconds: 0,
}

/** Quick enough that a whole promotion takes milliseconds. */
export function quickSpec(changes: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    port: 3000,
    health: { liveness: PROBE, readiness: PROBE },
    cpu: 256,
    memory: 512,
    replicas: 2,
    config: {},
    files: {},
    secrets: [],
    ingress: [],
    after: [],
    graceSeconds: 10,
    rollout: {
      strategy: 'blue-green',
      steps: [
        { percent: 20, bakeSeconds: 0 },
        { percent: 100, bakeSeconds: 0 },
      ],
      verify: [],
      approveSwitch: false,
      analysis: { windowSeconds: 10, minimumRequests: 0, maxErrorRate: 0.05 },
      standbySeconds: 3600,
      sticky: false,
      deadlines: { preflight: 5, provision: 5, verify: 5, approval: 60, hold: 5, shift: 5, retire: 5 },
    },
    ...changes,
  }
}

export function environmentPolicy(name: string, changes: Partial<EnvironmentPolicy> = {}): EnvironmentPolicy {
  return {
    name,
    target: 'local',
    promotion: 'manual',
    gate: { soakSeconds: 0, checks: [], approvals: [], expressions: [] },
    freezes: [],
    onFailure: 'stop',
    ...changes,
  }
}

const THREE: readonly EnvironmentPolicy[] = [
  environmentPolicy('dev'),
  environmentPolicy('staging', { after: 'dev' }),
  environmentPolicy('prod', { after: 'staging' }),
]

/** A release's content; another `build` is another release. */
export function content(
  build: string,
  services: Readonly<Record<string, ServiceSpec>> = { web: quickSpec() },
): ReleaseContent {
  const digest = `sha256:${Buffer.from(build.padEnd(32, '.')).toString('hex').slice(0, 64)}` as const
  const names = Object.keys(services)
  return {
    project: 'shop',
    artifacts: Object.fromEntries(names.map(name => [name, { kind: 'bundle', digest, bytes: 10 }])),
    environments: { dev: services, staging: services, prod: services },
    secrets: {},
    blueprintRevision: digest,
    source: { dirty: false },
    author: 'ada',
  }
}

/** The real engine and a real store over a target in memory; ends with the test. */
export async function startRig(options: { environments?: readonly EnvironmentPolicy[]; store?: Store } = {}) {
  const store = options.store ?? (await openMemoryStore())
  let environments = options.environments ?? THREE
  const target = createFakeTarget(Date.now)
  const errors: string[] = []
  const policy = (): Policy => ({ project: 'shop', environments, roles: {} })
  const parts: EngineParts = {
    store,
    policy: { current: policy },
    clock: { now: Date.now },
    targetOf: () => target,
    metricsOf: () => target,
    watchTargets: listener => target.watch(listener),
    verifier: { verify: async () => ({ passed: true, problems: [] }) },
    after: systemAfter,
    log: {
      info: () => {},
      warn: () => {},
      error: (facts, message) => errors.push(`${message} ${JSON.stringify(facts)}`),
    },
    owner: 'embedded',
    leaseMilliseconds: 10_000,
  }
  let engine = createEngine(parts)
  await engine.start()
  const plane = createControlPlane(parts, () => undefined)

  async function until<T>(
    what: string,
    look: () => Promise<T | undefined>,
    milliseconds = 10_000,
  ): Promise<T> {
    const end = Date.now() + milliseconds
    while (Date.now() < end) {
      const found = await look()
      if (found !== undefined) return found
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    throw new Error(`not within ${milliseconds} ms: ${what}; engine: ${errors.join('; ') || 'no errors'}`)
  }

  return {
    store,
    parts,
    target,
    plane,
    errors,
    until,
    setEnvironments: (changed: readonly EnvironmentPolicy[]): void => {
      environments = changed
    },
    async release(build: string, services?: Readonly<Record<string, ServiceSpec>>) {
      const whole = content(build, services)
      const known = environments.map(({ name }) => [name, whole.environments[name] ?? {}])
      const made = await plane.createRelease({ ...whole, environments: Object.fromEntries(known) }, KIM)
      if (!made.ok) throw new Error(made.refusal.what)
      return made.value
    },
    async promote(
      release: { readonly id: ReleaseContent['blueprintRevision'] },
      environment: string,
      by: Actor = KIM,
    ): Promise<Promotion> {
      const promoted = await plane.promote({ release: release.id, environment, by })
      if (!promoted.ok) throw new Error(JSON.stringify(promoted.refusal))
      return promoted.value
    },
    ended: (id: string): Promise<Extract<Promotion['state'], { phase: 'done' }>> =>
      until(`${id} ends`, async () => {
        const state = (await store.promotion(id))?.state
        return state?.phase === 'done' ? state : undefined
      }),
    reaches: (id: string, phase: Rollout['state']['phase']): Promise<Rollout> =>
      until(`${id} reaches ${phase}`, async () => {
        const rollout = await store.rollout(id)
        return rollout?.state.phase === phase ? rollout : undefined
      }),
    async restartEngine() {
      await engine.stop()
      engine = createEngine(parts)
      await engine.start()
    },
    async stop() {
      await engine.stop()
      await store.close()
    },
  }
}

export type Rig = Awaited<ReturnType<typeof startRig>>
