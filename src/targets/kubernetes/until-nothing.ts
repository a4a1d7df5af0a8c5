import { setTimeout as wait } from 'node:timers/promises'
import type { Weights } from '../../model/color.ts'
import { type ServiceRef, TrafficUnconfirmed, type Turn } from '../target.ts'
import type { TargetParts } from './target-parts.ts'
import { onServiceChange } from './watch-services.ts'

export interface Shift {
  readonly service: ServiceRef
  readonly weights: Weights
  readonly turn: Turn
}

const PATIENCE_MILLISECONDS = 5000
/** What no watch tells of, such as a load balancer, is asked about again. */
const LOOK_AGAIN_MILLISECONDS = 250

/**
 * Looks with every change of the service until nothing is in the way; fails with `TrafficUnconfirmed` and what is, in
 * words, after 5 seconds.
 */
export async function untilNothing(
  parts: TargetParts,
  shift: Shift,
  look: () => Promise<string | undefined>,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MILLISECONDS
  for (;;) {
    const change = nextChange(parts, shift)
    try {
      const trouble = await look()
      if (trouble === undefined) return
      if (performance.now() >= deadline) throw new TrafficUnconfirmed(trouble)
      await change.promise
      shift.turn.signal.throwIfAborted()
    } finally {
      change.stop()
    }
  }
}

function nextChange(
  parts: TargetParts,
  { service, turn: { signal } }: Shift,
): { readonly promise: Promise<void>; readonly stop: () => void } {
  const ending = new AbortController()
  const { promise, resolve } = Promise.withResolvers<void>()
  const stopWatching = onServiceChange(parts, name => {
    if (name === service.service) resolve()
  })
  const either = AbortSignal.any([ending.signal, signal])
  const paused = wait(LOOK_AGAIN_MILLISECONDS, undefined, { signal: either }).catch(() => undefined)
  return {
    promise: Promise.race([promise, paused]),
    stop: () => {
      stopWatching()
      ending.abort()
    },
  }
}
