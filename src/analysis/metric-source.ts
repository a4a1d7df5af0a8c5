import type { Instant } from '../model/instant.ts'
import type { Measurements } from '../model/observation.ts'
import type { MetricQueries } from '../model/service-spec.ts'

export interface MeasureQuery {
  readonly environment: string
  readonly service: string
  readonly since: Instant
  readonly until: Instant
  /** What the service says how to ask, where the source does not know by itself. */
  readonly queries?: MetricQueries
}

/** Tells how each color answered users. Missing data are left out, never reported as zero errors. */
export interface MetricSource {
  measure(query: MeasureQuery, signal: AbortSignal): Promise<Measurements>
}
