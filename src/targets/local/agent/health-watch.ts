import { setTimeout as wait } from 'node:timers/promises'
import type { HealthSpec, Probe } from '../../../model/service-spec.ts'
import { type ProbeResult, probe } from './probe.ts'

export interface HealthWatch {
  /** The instance counts as not ready, and is asked again now: somebody has just seen it fail. */
  suspect(): void
  stop(): void
}

export interface HealthWatchOptions {
  readonly origin: string
  readonly health: HealthSpec
  /** It was ready when it was last seen: it is asked at once, and stays so until it has failed often enough. */
  readonly isReady: boolean
  readonly onReady: () => void
  /** Told on every failed readiness check of an instance that is not ready, and when a ready one stops being so. */
  readonly onUnready: (why: string) => void
  /** Liveness failed as often as the threshold says. */
  readonly onDead: (why: string) => void
}

// A rollout waits for this: half of it is added to every start on average.
const STARTING_MILLISECONDS = 50
const EAGER_SECONDS = 10
const EAGER_AFTERWARDS_MILLISECONDS = 500

/** Asks an instance for liveness and readiness until stopped. */
export function watchHealth(options: HealthWatchOptions): HealthWatch {
  const stopping = new AbortController()
  const bell = createBell()
  void watchReadiness(options, { signal: stopping.signal, bell })
  void watchLiveness(options, stopping.signal)
  return { suspect: () => bell.ring(), stop: () => stopping.abort() }
}

async function watchReadiness(
  { origin, health, isReady, onReady, onUnready }: HealthWatchOptions,
  { signal, bell }: { signal: AbortSignal; bell: Bell },
): Promise<void> {
  const { readiness } = health
  if (!isReady) await pause(readiness.initialDelaySeconds * 1000, signal)
  const started = performance.now()
  let ready = isReady
  let failures = 0
  while (!signal.aborted) {
    if (bell.rung()) ready = false
    const result = await probe(origin, readiness)
    if (signal.aborted) return
    failures = result.ok ? 0 : failures + 1
    if (result.ok && !ready) {
      ready = true
      onReady()
    } else if (!result.ok && (!ready || failures >= readiness.failureThreshold)) {
      ready = false
      onUnready(inWords('readiness', readiness, result))
    }
    await bell.waitOr(pauseBetween({ ready, readiness, started }), signal)
  }
}

function pauseBetween(o: { ready: boolean; readiness: Probe; started: number }): number {
  const period = o.readiness.periodSeconds * 1000
  if (o.ready) return period
  const isStarting = performance.now() - o.started < EAGER_SECONDS * 1000
  return Math.min(period, isStarting ? STARTING_MILLISECONDS : EAGER_AFTERWARDS_MILLISECONDS)
}

async function watchLiveness(
  { origin, health, onDead }: HealthWatchOptions,
  signal: AbortSignal,
): Promise<void> {
  const { liveness } = health
  let failures = 0
  await pause((liveness.initialDelaySeconds + liveness.periodSeconds) * 1000, signal)
  while (!signal.aborted) {
    const result = await probe(origin, liveness)
    if (signal.aborted) return
    failures = result.ok ? 0 : failures + 1
    if (!result.ok && failures >= liveness.failureThreshold) {
      onDead(`${inWords('liveness', liveness, result)} ${failures} times in a row`)
      return
    }
    await pause(liveness.periodSeconds * 1000, signal)
  }
}

function inWords(kind: string, { path }: Probe, result: ProbeResult & { ok: false }): string {
  return `its ${kind} check ${path} ${result.why}`
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, { signal, ref: false }).catch(() => undefined)
}

interface Bell {
  ring(): void
  /** Whether it was rung since last asked. */
  rung(): boolean
  /** Resolves when it is rung, after the time, or when aborted. */
  waitOr(milliseconds: number, signal: AbortSignal): Promise<void>
}

function createBell(): Bell {
  let rung = false
  let waiting = new AbortController()
  return {
    ring() {
      rung = true
      waiting.abort()
    },
    rung() {
      const was = rung
      rung = false
      return was
    },
    async waitOr(milliseconds, signal) {
      if (rung) return
      waiting = new AbortController()
      await pause(milliseconds, AbortSignal.any([waiting.signal, signal]))
    },
  }
}
