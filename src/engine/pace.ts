import { CLAIM_MILLISECONDS } from './loop.ts'
import type { After } from './ports.ts'
import { pause } from './timers.ts'

/** Reading and judging a rollout takes about a sixth of this, so that looks never take more than that share of the time. */
const REST_MILLISECONDS_A_ROLLOUT = 0.2

/** Without an event a look is only a precaution: a hundredth of the time is enough for all of them. */
const UNPROMPTED_MILLISECONDS_A_ROLLOUT = 3

/** How often a promotion is looked at. */
export interface Pace {
  /** So long after a look the next one is due, if nothing happens. */
  readonly unpromptedMilliseconds: number
  /** Whatever happens meanwhile is covered by one look after it. */
  rest(after: After, signal: AbortSignal): Promise<void>
}

/**
 * A look reads every rollout of its promotion, and every step of every rollout asks for one: without a pause that grows
 * with their number the work would grow with its square.
 */
export function paceOf(rollouts: number): Pace {
  const restMilliseconds = Math.floor(rollouts * REST_MILLISECONDS_A_ROLLOUT)
  return {
    unpromptedMilliseconds: Math.max(CLAIM_MILLISECONDS, rollouts * UNPROMPTED_MILLISECONDS_A_ROLLOUT),
    async rest(after, signal) {
      if (restMilliseconds > 0) await pause(after, restMilliseconds, signal)
    },
  }
}
