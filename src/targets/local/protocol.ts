import type { Weights } from '../../model/color.ts'
import type { Workload } from '../../model/release.ts'
import type { ServiceRef } from '../target.ts'

/** What the agent and its clients speak; raised with every change that the other side could misunderstand. */
export const PROTOCOL = 2

/** Comes with every act: the parts of its fence, joined by commas. */
export const FENCE_HEADER = 'sluice-fence'

/** The answer to an act whose fence comes before one that the agent has seen; nothing was done. */
export const OVERTAKEN_STATUS = 409

/** Bytes that a request may carry: a workload with its mounted files and secrets. */
export const MAX_BODY_BYTES = 8 * 1024 ** 2

export interface Hello {
  readonly protocol: number
  readonly pid: number
  readonly version: string
}

export interface EnvironmentRequest {
  readonly name: string
  /** Where users reach it; undefined lets the agent choose one and keep it. */
  readonly port?: number
  /** Services that find each other by `<NAME>_SERVICE_HOST` and `<NAME>_SERVICE_PORT`. */
  readonly services: readonly string[]
}

/** Environment to the origin that users reach. */
export type EnvironmentAddresses = Readonly<Record<string, { readonly address: string }>>

export interface SlotRequest {
  readonly workload: Workload
  readonly count: number
  /** Secret name to value. */
  readonly secrets: Readonly<Record<string, string>>
}

export interface WeightsAnswer {
  readonly weights?: Weights
}

export interface PreviewAnswer {
  readonly origin: string
}

/** One line of the event stream; a line without a service keeps the connection alive. */
export type AgentEvent = ServiceRef

export interface RefusalAnswer {
  readonly error: { readonly where: string; readonly what: string; readonly remedy: string }
}

/** Part of a path on the agent's socket. */
export function servicePath({ environment, service }: ServiceRef): string {
  return `/v1/environments/${encodeURIComponent(environment)}/services/${encodeURIComponent(service)}`
}
