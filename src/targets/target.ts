import type { Color, Weights } from '../model/color.ts'
import type { Fence } from '../model/fence.ts'
import type { Instant } from '../model/instant.ts'
import type { Observation } from '../model/observation.ts'
import type { ReleaseId, Workload } from '../model/release.ts'

export interface ServiceRef {
  readonly environment: string
  readonly service: string
}

export interface Slot extends ServiceRef {
  readonly color: Color
}

/**
 * Where the preview of a color is reached: `origin` is scheme, host, port and, where somebody forwards, a path without a
 * slash at its end; `headers` open a rule where one is needed.
 */
export interface PreviewEndpoint {
  readonly origin: string
  readonly headers: Readonly<Record<string, string>>
}

/** The traffic layer did not show the weights that were set: they may or may not be in effect. */
export class TrafficUnconfirmed extends Error {
  override readonly name = 'TrafficUnconfirmed'
}

/** The target could not be reached or did not answer; the act may have taken effect. The engine observes and repeats. */
export class TargetUnavailable extends Error {
  override readonly name = 'TargetUnavailable'
}

/** Somebody with a later fence has acted on the service: nothing was done, and whoever asked has lost its turn. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken'
}

/** The right to act, shown with every act. A target that can remember refuses a fence before one that it has seen. */
export interface Turn {
  readonly fence: Fence
  readonly signal: AbortSignal
}

/** Runs releases somewhere. After a crash the engine repeats its last call, so every method is idempotent. */
export interface Target {
  /**
   * All that keeps the workload from being put to work in the slot, in words with the remedy: artifact missing or
   * damaged (its digest is verified here every time), secret missing, no capacity. Empty when it may go ahead. Changes nothing.
   */
  preflight(slot: Slot, workload: Workload, signal: AbortSignal): Promise<readonly string[]>
  /**
   * Brings `count` instances of the workload up in the slot; resolves when accepted, not when ready.
   * A slot that runs another release and takes traffic is replaced instance by instance, each new one ready before
   * an old one stops (rolling). Calling it again with another count changes the number of instances.
   */
  provision(slot: Slot, workload: Workload, count: number, turn: Turn): Promise<void>
  observe(service: ServiceRef, signal: AbortSignal): Promise<Observation>
  /** Sets the weights, reads them back, and fails with `TrafficUnconfirmed` where they differ. */
  shift(service: ServiceRef, weights: Weights, turn: Turn): Promise<void>
  /** A way to the color that takes no user traffic. */
  preview(slot: Slot, signal: AbortSignal): Promise<PreviewEndpoint>
  /** Drains and stops the slot's instances; refuses while it has traffic. Resolves when accepted. */
  retire(slot: Slot, turn: Turn): Promise<void>
  /** Calls back whenever something worth observing happened in the service; returns how to stop. */
  watch(listener: (service: ServiceRef) => void): () => void
  /** Log lines of the service's instances, oldest first; with `follow` it goes on until aborted. */
  logs(service: ServiceRef, options: LogOptions, signal: AbortSignal): AsyncIterable<LogLine>
  /** Where others can change what was released; undefined where nobody else can. */
  readonly live?: Live
}

/** What should be in place. */
export interface Expected {
  /** Of a release that is found in a color; undefined where nobody knows it. */
  readonly workloadOf: (release: ReleaseId) => Promise<Workload | undefined>
  /** Undefined while a rollout moves users: they are where it sent them last. */
  readonly weights?: Weights
}

/** Compares what is in place with what was released, and puts it right when a person asks for that. */
export interface Live {
  /** Empty when all is as released. Changes nothing. */
  differences(
    service: ServiceRef,
    expected: Expected,
    signal: AbortSignal,
  ): Promise<readonly LiveDifference[]>
  /** Makes all as released, also fields that somebody else set; returns what was different. Safe to repeat. */
  repair(service: ServiceRef, expected: Expected, signal: AbortSignal): Promise<readonly LiveDifference[]>
}

/** A field in place that is not as released. */
export interface LiveDifference {
  /** Such as `Deployment web-green`. */
  readonly object: string
  /** Such as `.spec.template.spec.containers[name="web"].image`; empty where the whole object is missing. */
  readonly field: string
  /** As text, at most 200 characters, never a secret's value; undefined where there should be none. */
  readonly released?: string
  readonly live?: string
  /** Who set it last, and when, where the target knows. */
  readonly manager?: string
  readonly at?: Instant
}

export interface LogOptions {
  readonly follow: boolean
  /** Lines of the past, at the most. */
  readonly tail: number
  readonly color?: Color
}

export interface LogLine {
  readonly at: number
  readonly color: Color
  readonly instance: string
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
}
