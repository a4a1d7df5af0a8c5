import type { Histogram } from './histogram.ts'
import { bucketOf, emptyCounts } from './histogram.ts'

/** What one color did in a window. An attempt that could not connect counts as a request and an error. */
export interface Measurement {
  readonly requests: number
  /** Responses 5xx, and those that the balancer had to give because the backend failed. */
  readonly errors: number
  /** Time from a request's arrival until its response's head. */
  readonly latency: Histogram
}

/** How far back measurements reach. */
export const KEPT_SECONDS = 600

interface Slot {
  second: number
  requests: number
  errors: number
  readonly latencies: Uint32Array
}

/** One-second slots in a ring: constant memory, nothing to expire. */
export class Measurements {
  readonly #slots: Slot[] = Array.from({ length: KEPT_SECONDS }, () => ({
    second: -1,
    requests: 0,
    errors: 0,
    latencies: emptyCounts(),
  }))

  record(atMs: number, latencyMs: number, outcome: 'ok' | 'error'): void {
    const second = Math.floor(atMs / 1000)
    const slot = this.#slots[second % KEPT_SECONDS]
    if (slot === undefined) return
    if (slot.second !== second) reuse(slot, second)
    slot.requests++
    if (outcome === 'error') slot.errors++
    const bucket = bucketOf(latencyMs)
    slot.latencies[bucket] = (slot.latencies[bucket] ?? 0) + 1
  }

  /** Sums the seconds that overlap the window; both ends in milliseconds since the epoch. */
  within(sinceMs: number, untilMs: number): Measurement {
    const first = Math.floor(sinceMs / 1000)
    const last = Math.floor(untilMs / 1000)
    const counts = Array.from(emptyCounts())
    let requests = 0
    let errors = 0
    for (const slot of this.#slots) {
      if (slot.second < first || slot.second > last) continue
      requests += slot.requests
      errors += slot.errors
      slot.latencies.forEach((count, bucket) => {
        counts[bucket] = (counts[bucket] ?? 0) + count
      })
    }
    return { requests, errors, latency: { counts } }
  }
}

function reuse(slot: Slot, second: number): void {
  slot.second = second
  slot.requests = 0
  slot.errors = 0
  slot.latencies.fill(0)
}
