import { join } from 'node:path'
import type { ControlPlane } from '../../src/engine/control-plane.ts'
import { createControlPlane } from '../../src/engine/create-control-plane.ts'
import { createEngine } from '../../src/engine/engine.ts'
import type { EngineParts } from '../../src/engine/parts.ts'
import { systemAfter } from '../../src/engine/timers.ts'
import type { Release } from '../../src/model/release.ts'
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts'
import { content, environmentPolicy, KIM, quickSpec } from '../../test/harness/engine-rig.ts'
import { createFakeTarget, type FakeTarget } from '../../test/harness/fake-target.ts'
import { type TimedStore, timedStore } from './timed-store.ts'

/** In the order in which a release goes through them. */
export const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const

/** The length of a blueprint that does not say (seconds), which decides how often a standby is looked at. */
const WINDOW_SECONDS = 60

/** A control plane with its store on disk and a target in memory that answers at once. */
export interface Fleet {
  readonly services: readonly string[]
  readonly plane: ControlPlane
  readonly store: TimedStore
  readonly target: FakeTarget
  release(build: string): Promise<Release>
  stop(): Promise<void>
}

export async function startFleet(folder: string, size: number): Promise<Fleet> {
  const store = timedStore(await openSqliteStore({ file: join(folder, 'sluice.db') }))
  const target = createFakeTarget(Date.now)
  const parts = partsOf(store, target)
  const plane = createControlPlane(parts, () => undefined)
  const engine = createEngine(parts)
  await engine.start()
  const services = Array.from({ length: size }, (_, index) => `service-${index}`)
  const spec = specOfEach()
  const byService = Object.fromEntries(services.map(service => [service, spec]))
  return {
    services,
    plane,
    store,
    target,
    async release(build) {
      const made = await plane.createRelease(content(build, byService), KIM)
      if (!made.ok) throw new Error(made.refusal.what)
      return made.value
    },
    async stop() {
      await engine.stop()
      await store.close()
    },
  }
}

function specOfEach() {
  const spec = quickSpec()
  const { rollout } = spec
  return {
    ...spec,
    rollout: {
      ...rollout,
      analysis: { ...rollout.analysis, windowSeconds: WINDOW_SECONDS },
      // Thousands that begin in the same moment wait for one store: that is measured, and is no failure.
      deadlines: { ...rollout.deadlines, preflight: 600, provision: 600, verify: 600, hold: 600, shift: 600 },
    },
  }
}

function partsOf(store: TimedStore, target: FakeTarget): EngineParts {
  const environments = ENVIRONMENTS.map((name, index) => {
    const after = ENVIRONMENTS[index - 1]
    return environmentPolicy(name, after === undefined ? {} : { after })
  })
  const tell = (facts: object, message: string): void => console.error(message, JSON.stringify(facts))
  return {
    store,
    policy: { current: () => ({ project: 'shop', environments, roles: {} }) },
    clock: { now: Date.now },
    targetOf: () => target,
    metricsOf: () => target,
    watchTargets: listener => target.watch(listener),
    verifier: { verify: async () => ({ passed: true, problems: [] }) },
    after: systemAfter,
    log: { info: () => {}, warn: tell, error: tell },
    owner: 'embedded',
    leaseMilliseconds: 10_000,
  }
}
