import type { Instant } from '../../model/instant.ts'
import type { Rate } from './request-limits.ts'

/** Enough for every caller that matters; more would let strangers grow the memory. */
const KEPT = 10_000

export interface Taken {
  readonly granted: boolean
  /** How many more would be granted now. */
  readonly remaining: number
  /** Until all of the burst is there again. */
  readonly fullInSeconds: number
  /** Until the next one is granted; 0 when this one was. */
  readonly retryAfterSeconds: number
}

/**
 * How often each of many may do something: the generic cell rate algorithm (ITU-T I.371), which needs one number a
 * caller. The callers that were quiet for longest are forgotten first.
 */
export class Buckets {
  readonly #rate: Rate
  readonly #intervalMilliseconds: number
  readonly #kept: number
  /** When each caller's bucket is full again, the quietest first. */
  readonly #fullAt = new Map<string, Instant>()

  constructor(rate: Rate, kept = KEPT) {
    this.#rate = rate
    this.#intervalMilliseconds = 1000 / rate.perSecond
    this.#kept = kept
  }

  /** As in the header RateLimit-Policy. */
  get policy(): string {
    const { burst, perSecond } = this.#rate
    return `q=${burst};w=${Math.ceil(burst / perSecond)}`
  }

  get size(): number {
    return this.#fullAt.size
  }

  take(caller: string, now: Instant): Taken {
    const depth = this.#rate.burst * this.#intervalMilliseconds
    // A clock that was set back must not lock anybody out for as long.
    const before = Math.min(Math.max(this.#fullAt.get(caller) ?? now, now), now + depth)
    const after = before + this.#intervalMilliseconds
    const missing = after - now - depth
    const granted = missing <= 0
    const fullAt = granted ? after : before
    this.#keep(caller, fullAt)
    return {
      granted,
      remaining: Math.max(0, Math.floor((depth - (fullAt - now)) / this.#intervalMilliseconds)),
      fullInSeconds: Math.ceil((fullAt - now) / 1000),
      retryAfterSeconds: granted ? 0 : Math.max(1, Math.ceil(missing / 1000)),
    }
  }

  #keep(caller: string, fullAt: Instant): void {
    this.#fullAt.delete(caller)
    this.#fullAt.set(caller, fullAt)
    if (this.#fullAt.size <= this.#kept) return
    const [quietest] = this.#fullAt.keys()
    if (quietest !== undefined) this.#fullAt.delete(quietest)
  }
}
