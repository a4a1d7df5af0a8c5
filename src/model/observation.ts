import { type Color, sameWeights, type Weights } from './color.ts'
import type { Digest } from './digest.ts'
import type { Instant } from './instant.ts'
import type { ReleaseId } from './release.ts'

/** What a target saw of one service in one environment, at one moment. */
export interface Observation {
  readonly at: Instant
  /** As the traffic layer reports them; undefined before the first release was opened. */
  readonly weights?: Weights
  /** Users are being moved and not seen where they were sent: both colors may have some, and nothing is reached yet. */
  readonly isMoving?: true
  /** In words, how long the last change of weights took, where new and open connections do not move together. */
  readonly moved?: string
  readonly slots: { readonly [color in Color]?: SlotObservation }
}

/** Whether the traffic layer shows exactly these weights in effect. */
export function showsWeights({ weights, isMoving }: Observation, goal: Weights): boolean {
  return isMoving !== true && weights !== undefined && sameWeights(weights, goal)
}

export interface SlotObservation {
  readonly release: ReleaseId
  /** What every instance should run; a slot whose artifact is not the released one is never given traffic. */
  readonly artifact: Digest
  /** Instances asked for. */
  readonly desired: number
  /** Instances of `release` that are ready to serve now. */
  readonly ready: number
  /** Instances of any release that exist, starting and stopping ones included. */
  readonly total: number
  /** In words, the last log lines included, when instances cannot become ready. */
  readonly problem?: string
}

/** True once every instance asked for runs this release and is ready, and none of another release is left. */
export function isReady(
  slot: SlotObservation | undefined,
  wanted: { release: ReleaseId; count: number },
): boolean {
  return (
    slot !== undefined &&
    slot.release === wanted.release &&
    slot.desired >= wanted.count &&
    slot.ready >= slot.desired
  )
}

/** Requests of one color in one window, as the target's traffic layer counted them. */
export interface Measurement {
  readonly requests: number
  /** Server errors (5xx) and requests that got no complete answer. */
  readonly errors: number
  /** Milliseconds; undefined without requests. */
  readonly p50?: number
  readonly p95?: number
  readonly p99?: number
}

export interface Measurements extends ByColor<Measurement> {
  /** In words, why a color has none, where the source knows. */
  readonly missing?: ByColor<string>
}

type ByColor<T> = { readonly [color in Color]?: T }
