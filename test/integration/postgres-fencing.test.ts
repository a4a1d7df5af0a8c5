import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createControlPlane } from '../../src/engine/create-control-plane.ts'
import type { EngineParts } from '../../src/engine/parts.ts'
import type { Store } from '../../src/engine/ports.ts'
import { systemAfter } from '../../src/engine/timers.ts'
import type { Fence } from '../../src/model/fence.ts'
import type { Policy } from '../../src/model/policy.ts'
import { openPostgresStore } from '../../src/store/postgres/open-postgres-store.ts'
import type { EngineProcessOptions, FromEngine, StopPlace, ToEngine } from '../harness/engine-process.ts'
import { content, environmentPolicy, KIM, quickSpec } from '../harness/engine-rig.ts'
import { eventually } from '../harness/eventually.ts'
import { createFakeTarget, type FakeTarget } from '../harness/fake-target.ts'
import { needsPostgres, type Postgres, startPostgres } from '../harness/postgres.ts'

const PROGRAM = fileURLToPath(new URL('../harness/engine-process.ts', import.meta.url))
const LEASE_MILLISECONDS = 1500
const SERVICE = { environment: 'dev', service: 'web' }
const { rollout } = quickSpec()
/** A takeover takes seconds, and is no reason to give a rollout up. */
const deadlines = { preflight: 60, provision: 60, verify: 60, approval: 60, hold: 60, shift: 60, retire: 60 }
const unhurried = quickSpec({ rollout: { ...rollout, deadlines } })
const policy: Policy = { project: 'shop', environments: [environmentPolicy('dev')], roles: {} }

interface EngineProcess {
  readonly owner: string
  readonly child: ChildProcess
  /** What it did after it had been stopped, and what came of it. */
  readonly afterStop: { readonly what: string; readonly result: string }[]
}

describe.runIf(needsPostgres())('an engine that was stopped until its lease ran out', () => {
  let postgres: Postgres
  let url: string
  let store: Store
  let target: FakeTarget
  let engines: EngineProcess[]
  /** Who did each of the target's acts. */
  let actors: string[]
  let remembers: boolean

  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.end())
  beforeEach(async () => {
    url = await postgres.createDatabase()
    store = await openPostgresStore({ url })
    target = createFakeTarget(Date.now)
    engines = []
    actors = []
    remembers = true
  })
  afterEach(async () => {
    for (const { child } of engines) child.kill('SIGKILL')
    await store.close()
  })

  it.each(['provision', 'shift'] as const)(
    'has its act refused by a target that remembers who came later: %s',
    async phase => {
      const stalled = await stalledAt({ at: 'in its act', phase })
      await takenOver(stalled)
      const acts = [...target.acts]
      await awake(stalled)
      await eventually('its act is refused', () => stalled.afterStop.length > 0)
      expect(stalled.afterStop[0]).toMatchObject({ what: phase, result: 'Overtaken' })
      await letsGo(stalled)
      expect(target.acts).toEqual(acts)
    },
  )

  it.each(['provision', 'shift'] as const)(
    'asks the store before it acts, and leaves a target alone that remembers nothing: %s',
    async phase => {
      remembers = false
      const stalled = await stalledAt({ at: 'before it acts', phase })
      await takenOver(stalled)
      const acts = [...target.acts]
      await awake(stalled)
      await eventually('it asks', () => stalled.afterStop.length > 0)
      expect(stalled.afterStop[0]).toMatchObject({ what: 'record', result: 'conflict' })
      await letsGo(stalled)
      expect(target.acts).toEqual(acts)
    },
  )

  it.each(['provision', 'shift'] as const)('can record nothing: %s', async phase => {
    const stalled = await stalledAt({ at: 'before it records', phase })
    await takenOver(stalled)
    const [acts, events] = [[...target.acts], await store.lastSequence()]
    await awake(stalled)
    await eventually('it tries to', () => stalled.afterStop.some(({ what }) => what === `record ${phase}`))
    expect(new Set(stalled.afterStop.map(({ result }) => result))).toEqual(new Set(['conflict']))
    await letsGo(stalled)
    expect(target.acts).toEqual(acts)
    expect(await store.lastSequence()).toBe(events)
  })

  it('takes up new work after it let go', async () => {
    const stalled = await stalledAt({ at: 'in its act', phase: 'shift' })
    const other = await takenOver(stalled)
    await awake(stalled)
    await letsGo(stalled)
    other.child.kill('SIGKILL')
    await promote('second')
    await ended('dev-2')
    expect(stalled.afterStop.map(({ result }) => result)).toContain('recorded')
  })

  async function start(owner: string, stop?: StopPlace): Promise<EngineProcess> {
    const leaseMilliseconds = LEASE_MILLISECONDS
    const options: EngineProcessOptions = { url, owner, leaseMilliseconds, policy, ...(stop && { stop }) }
    const child = fork(PROGRAM, [JSON.stringify(options)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const engine: EngineProcess = { owner, child, afterStop: [] }
    engines.push(engine)
    const started = new Promise<void>(resolve => {
      child.on('message', (message: FromEngine) => {
        if (message.kind === 'started') resolve()
        else if (message.kind === 'after-stop') engine.afterStop.push(message)
        else void answer(engine, message)
      })
    })
    const ended = once(child, 'exit').then(() => {
      throw new Error(`${owner} ended`)
    })
    ended.catch(() => undefined)
    await Promise.race([started, ended])
    return engine
  }

  async function answer(
    { owner, child }: EngineProcess,
    { id, method, args }: Extract<FromEngine, { kind: 'call' }>,
  ): Promise<void> {
    let reply: ToEngine
    const acts = target.acts.length
    try {
      reply = { id, value: await perform(method, args) }
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error))
      reply = { id, error: { name, message } }
    }
    if (target.acts.length > acts) actors.push(owner)
    if (child.connected) child.send(reply)
  }

  async function perform(method: string, args: readonly unknown[]): Promise<unknown> {
    const { signal } = new AbortController()
    if (!remembers) delete target.service(SERVICE).fence
    const call = target[method as 'provision'] as (...all: readonly unknown[]) => Promise<unknown>
    const isAct = ['provision', 'shift', 'retire'].includes(method)
    const turn = isAct ? [{ fence: args.at(-1) as Fence, signal }] : [signal]
    return await call(...(isAct ? args.slice(0, -1) : args), ...turn)
  }

  /** A process that began a promotion and stopped itself at the place. */
  async function stalledAt(stop: StopPlace): Promise<EngineProcess> {
    const engine = await start('one', stop)
    await promote('first')
    await eventually('it has stopped itself', () => stateOf(engine) === 'T')
    return engine
  }

  /** Another process that has brought users to the release meanwhile. */
  async function takenOver(stalled: EngineProcess): Promise<EngineProcess> {
    const other = await start('two')
    await ended('dev-1')
    expect(stateOf(stalled)).toBe('T')
    expect(actors.at(-1)).toBe('two')
    return other
  }

  async function awake({ child }: EngineProcess): Promise<void> {
    child.kill('SIGCONT')
  }

  /** It holds nothing any more and goes on without harm: its last word is that the store gave it nothing. */
  async function letsGo(stalled: EngineProcess): Promise<void> {
    const held = await postgres.query<{ readonly owner: string }>(url, 'select owner from leases')
    expect(held.map(({ owner }) => owner)).not.toContain(stalled.owner)
    await eventually('it runs', () => ['S', 'R'].includes(stateOf(stalled)))
    expect(stalled.child.exitCode).toBeNull()
    expect(await store.verifyAudit()).toEqual({ events: await store.lastSequence() })
  }

  async function promote(build: string): Promise<void> {
    const { environments, ...rest } = content(build, { web: unhurried })
    const plane = createControlPlane(parts(), () => undefined)
    const made = await plane.createRelease({ ...rest, environments: { dev: environments['dev'] ?? {} } }, KIM)
    if (!made.ok) throw new Error(made.refusal.what)
    const promoted = await plane.promote({ release: made.value.id, environment: 'dev', by: KIM })
    if (!promoted.ok) throw new Error(promoted.refusal.what)
  }

  async function ended(promotion: string): Promise<void> {
    const { state } = await eventually(`${promotion} has ended`, async () => {
      const seen = await store.promotion(promotion)
      return seen?.state.phase === 'done' && seen
    })
    expect(state).toMatchObject({ outcome: 'succeeded' })
  }

  /** Of a control plane without an engine. */
  function parts(): EngineParts {
    const quiet = (): void => undefined
    return {
      store,
      policy: { current: () => policy },
      clock: { now: Date.now },
      targetOf: () => target,
      metricsOf: () => target,
      watchTargets: () => () => undefined,
      verifier: { verify: async () => ({ passed: true, problems: [] }) },
      after: systemAfter,
      log: { info: quiet, warn: quiet, error: quiet },
      owner: 'nobody',
      leaseMilliseconds: LEASE_MILLISECONDS,
    }
  }
})

/** As in /proc/PID/stat (proc(5)): T is stopped. */
function stateOf({ child }: EngineProcess): string {
  return /\) (\w) /.exec(readFileSync(`/proc/${child.pid}/stat`, 'utf8'))?.[1] ?? ''
}
