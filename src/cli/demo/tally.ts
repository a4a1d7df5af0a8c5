import type { Instant } from '../../model/instant.ts'
import type { Outcome } from './exchange.ts'

export interface LoadTotals {
  /** Requests that ended, well or not. */
  readonly requests: number
  /** Those that did not get a complete 2xx or 3xx answer. */
  readonly failed: number
  /** Those of the failed that a release expected to be broken answered itself, with a status of 500 or above. */
  readonly excused: number
  /** Longest time between successive good answers, over all connections, and between the last one and now. */
  readonly longestGapMs: number
  /** Complete answers by the color and the release that they name; those that name none are not in here. */
  readonly byColor: Readonly<Record<string, number>>
  readonly byRelease: Readonly<Record<string, number>>
}

export type Verdict = 'good' | 'failed' | 'excused'

/** Counts what became of requests. Time is an argument. */
export class Tally {
  #requests = 0
  #failed = 0
  #excused = 0
  #longestGapMs = 0
  readonly #startedAt: Instant
  #lastGood: Instant | undefined
  readonly #byColor = new Map<string, number>()
  readonly #byRelease = new Map<string, number>()
  readonly #broken = new Set<string>()

  constructor(startedAt: Instant) {
    this.#startedAt = startedAt
  }

  expectBroken(release: string): void {
    this.#broken.add(release)
  }

  add(outcome: Outcome, at: Instant): Verdict {
    const verdict = this.#judge(outcome)
    this.#requests += 1
    if (outcome.kind === 'answered') {
      count(this.#byColor, outcome.color)
      count(this.#byRelease, outcome.release)
    }
    if (verdict === 'good') this.#answeredAt(at)
    else this.#failed += 1
    if (verdict === 'excused') this.#excused += 1
    return verdict
  }

  totals(now: Instant): LoadTotals {
    return {
      requests: this.#requests,
      failed: this.#failed,
      excused: this.#excused,
      longestGapMs: Math.max(this.#longestGapMs, now - (this.#lastGood ?? this.#startedAt)),
      byColor: Object.fromEntries(this.#byColor),
      byRelease: Object.fromEntries(this.#byRelease),
    }
  }

  #answeredAt(at: Instant): void {
    if (this.#lastGood !== undefined) this.#longestGapMs = Math.max(this.#longestGapMs, at - this.#lastGood)
    this.#lastGood = at
  }

  #judge(outcome: Outcome): Verdict {
    if (outcome.kind === 'lost') return 'failed'
    const { status, release, failedRelease } = outcome
    if (status >= 200 && status < 400) return 'good'
    // A healthy release that reports another's failure, or a lost connection behind it, is not to be blamed or excused.
    const culprit = failedRelease ?? release
    return status >= 500 && culprit !== undefined && this.#broken.has(culprit) ? 'excused' : 'failed'
  }
}

function count(counts: Map<string, number>, key: string | undefined): void {
  if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1)
}
