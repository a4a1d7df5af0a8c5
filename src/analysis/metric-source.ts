import type { Instant } from '../model/instant.ts'
import type { Measurements } from '../model/observation.ts'

export interface MeasureQuery {
  readonly environment: string
  readonly service: string
  readonly since: Instant
  readonly until: Instant
}

/** Tells how each color answered users. Missing data are left out, never reported as zero errors. */
export interface MetricSource {
  measure(query: MeasureQuery, signal: AbortSignal): Promise<Measurements>
}
