import { createEngine } from '../../src/engine/engine.ts'
import type { EngineParts } from '../../src/engine/parts.ts'
import type { Store } from '../../src/engine/ports.ts'
import { systemAfter } from '../../src/engine/timers.ts'
import type { Observation } from '../../src/model/observation.ts'
import type { Policy } from '../../src/model/policy.ts'
import type { Rollout } from '../../src/model/rollout.ts'
import { openPostgresStore } from '../../src/store/postgres/open-postgres-store.ts'
import { Overtaken, type Target, TargetUnavailable } from '../../src/targets/target.ts'

/** The real engine in a process of its own; its target is in the process that started it, reached by messages. */

type Phase = Rollout['state']['phase']

/** Where the process stops itself (SIGSTOP), once, in the phase. */
export interface StopPlace {
  readonly at: 'before it records' | 'before it acts' | 'in its act'
  readonly phase: Phase
}

export interface EngineProcessOptions {
  readonly url: string
  readonly owner: string
  readonly leaseMilliseconds: number
  readonly policy: Policy
  readonly stop?: StopPlace
}

export type FromEngine =
  | { readonly kind: 'started' }
  | { readonly kind: 'call'; readonly id: number; readonly method: string; readonly args: readonly unknown[] }
  /** Of a record or an act that began at the place where the process stopped, or later. */
  | { readonly kind: 'after-stop'; readonly what: string; readonly result: string }

export interface ToEngine {
  readonly id: number
  readonly value?: unknown
  readonly error?: { readonly name: string; readonly message: string }
}

const options = JSON.parse(process.argv[2] ?? '') as EngineProcessOptions
const waiting = new Map<number, PromiseWithResolvers<unknown>>()
let calls = 0
let hasStopped = false
let lastPhase: Phase | undefined

process.on('message', ({ id, value, error }: ToEngine) => {
  const call = waiting.get(id)
  waiting.delete(id)
  if (error === undefined) call?.resolve(value)
  else call?.reject(asError(error))
})

function asError({ name, message }: NonNullable<ToEngine['error']>): Error {
  if (name === 'Overtaken') return new Overtaken(message)
  return name === 'TargetUnavailable' ? new TargetUnavailable(message) : new Error(message)
}

function tell(message: FromEngine): void {
  process.send?.(message)
}

/** What can be sent: signals stay here. */
async function call<T>(method: string, ...args: readonly unknown[]): Promise<T> {
  calls += 1
  const answer = Promise.withResolvers<unknown>()
  waiting.set(calls, answer)
  tell({ kind: 'call', id: calls, method, args })
  return (await answer.promise) as T
}

function stopIf(place: StopPlace): void {
  const { stop } = options
  if (hasStopped || stop?.at !== place.at || stop.phase !== place.phase) return
  hasStopped = true
  process.kill(process.pid, 'SIGSTOP')
}

/** An act, told with what came of it when the process had been stopped before. */
async function act(phase: Phase, method: string, ...args: readonly unknown[]): Promise<void> {
  stopIf({ at: 'in its act', phase })
  let result = 'done'
  try {
    await call(method, ...args)
  } catch (error) {
    result = error instanceof Error ? error.name : String(error)
    throw error
  } finally {
    if (hasStopped) tell({ kind: 'after-stop', what: method, result })
  }
}

const target: Target = {
  preflight: (slot, workload) => call('preflight', slot, workload),
  provision: (slot, workload, count, { fence }) =>
    act('provision', 'provision', slot, workload, count, fence),
  async observe(service) {
    const seen = await call<Observation>('observe', refOf(service))
    // What it does first is decided on what was seen after the phase was recorded.
    if (lastPhase !== undefined) stopIf({ at: 'before it acts', phase: lastPhase })
    return seen
  },
  shift: (service, weights, { fence }) => act('shift', 'shift', refOf(service), weights, fence),
  preview: slot => call('preview', slot),
  retire: (slot, { fence }) => act('retire', 'retire', slot, fence),
  watch: () => () => undefined,
  async *logs() {},
}

function refOf({ environment, service }: { readonly environment: string; readonly service: string }) {
  return { environment, service }
}

/** Stops before a record of the phase, and tells what became of later ones. */
function stopping(store: Store): Store {
  return {
    ...store,
    async record(changes, entries, lease) {
      const phase = changes.flatMap(({ kind, value }) => (kind === 'rollout' ? value.state.phase : []))[0]
      if (phase !== undefined) stopIf({ at: 'before it records', phase })
      const result = await store.record(changes, entries, lease)
      if (hasStopped) tell({ kind: 'after-stop', what: `record ${phase ?? ''}`.trim(), result })
      lastPhase = phase
      return result
    },
  }
}

const log = (facts: Readonly<Record<string, unknown>>, message: string): void =>
  console.error(options.owner, message, JSON.stringify(facts))
const parts: EngineParts = {
  store: stopping(await openPostgresStore({ url: options.url })),
  policy: { current: () => options.policy },
  clock: { now: Date.now },
  targetOf: () => target,
  metricsOf: () => ({ measure: async () => ({}) }),
  watchTargets: () => () => undefined,
  verifier: { verify: async () => ({ passed: true, problems: [] }) },
  after: systemAfter,
  log: { info: () => undefined, warn: log, error: log },
  owner: options.owner,
  leaseMilliseconds: options.leaseMilliseconds,
}
await createEngine(parts).start()
tell({ kind: 'started' })
