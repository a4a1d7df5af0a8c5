import { COLORS, type Color } from '../../model/color.ts'
import { queryProblem } from '../../model/metric-queries.ts'
import type { Measurement, Measurements } from '../../model/observation.ts'
import type { MetricQueries } from '../../model/service-spec.ts'
import type { MeasureQuery, MetricSource } from '../metric-source.ts'
import { fillQuery } from './fill-query.ts'
import { type Answer, ask, type PrometheusServer } from './instant-query.ts'

interface PrometheusOptions extends Omit<PrometheusServer, 'fetch'> {
  readonly fetch?: typeof globalThis.fetch
}

/**
 * Measures by the service's own queries. A color is measured when both its requests and its errors are one number each:
 * an empty answer is never taken for zero, for a series that is not there and an application that is not there look the
 * same. A query that counts what may never have happened says `or vector(0)` itself.
 *
 * `$window` is how long ago `since` was, to the millisecond, so that no answer reaches before it; a query that looks back
 * further, or nobody knows how far, is not asked.
 */
export function createPrometheusSource(options: PrometheusOptions): MetricSource {
  const server: PrometheusServer = { ...options, fetch: options.fetch ?? globalThis.fetch }
  return {
    async measure(query, signal) {
      signal.throwIfAborted()
      const measured = await Promise.all(COLORS.map(color => measureColor(server, query, { color, signal })))
      return together(measured)
    },
  }
}

type Measured =
  | { readonly color: Color; readonly measurement: Measurement }
  | { readonly color: Color; readonly missing: string }

function together(measured: readonly Measured[]): Measurements {
  const missing = measured.flatMap(each => ('missing' in each ? [[each.color, each.missing]] : []))
  const found = measured.flatMap(each => ('measurement' in each ? [[each.color, each.measurement]] : []))
  return {
    ...Object.fromEntries(found),
    ...(missing.length === 0 ? {} : { missing: Object.fromEntries(missing) }),
  }
}

interface Call {
  readonly color: Color
  readonly signal: AbortSignal
}

async function measureColor(server: PrometheusServer, query: MeasureQuery, call: Call): Promise<Measured> {
  const { color } = call
  const [requests, errors, p95, p99] = await Promise.all(
    (['requests', 'errors', 'p95', 'p99'] as const).map(name => numberOf(server, query, { ...call, name })),
  )
  if (requests?.kind !== 'number') return { color, missing: `requests: ${reasonOf(requests)}` }
  if (errors?.kind !== 'number') return { color, missing: `errors: ${reasonOf(errors)}` }
  // What is counted over part of an interval is drawn out to all of it: no whole numbers, but requests are.
  const counts = { requests: Math.round(requests.value), errors: Math.round(errors.value) }
  if (counts.errors > counts.requests)
    return {
      color,
      missing: `${counts.errors} errors of ${counts.requests} requests: the queries do not agree`,
    }
  return {
    color,
    measurement: {
      ...counts,
      ...(p95?.kind === 'number' ? { p95: p95.value } : {}),
      ...(p99?.kind === 'number' ? { p99: p99.value } : {}),
    },
  }
}

const reasonOf = (answer: Answer | undefined): string =>
  answer?.kind === 'none' ? answer.reason : 'the service has no query'

async function numberOf(
  server: PrometheusServer,
  { environment, service, since, until, queries }: MeasureQuery,
  { color, name, signal }: Call & { readonly name: keyof MetricQueries },
): Promise<Answer | undefined> {
  const query = queries?.[name]
  if (query === undefined) return undefined
  const problem = queryProblem(query)
  if (problem !== undefined) return { kind: 'none', reason: `the query ${problem.what}` }
  // A range of nothing is an error of PromQL.
  if (until <= since) return { kind: 'none', reason: 'the step has only begun' }
  const promql = fillQuery(query, { environment, service, color, window: `${until - since}ms` })
  return ask(server, { promql, at: until, since }, signal)
}
