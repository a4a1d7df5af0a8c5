import type { RuleGroup } from './rule.ts'
import { SERIES, series } from './series.ts'
import type { WatchedEnvironment } from './watched-environment.ts'

const SLOT = 'project, environment, service, color'

/** How each color answers, over five minutes: long enough for every usual scrape interval. */
export function requestRecords({ fullName, labels }: WatchedEnvironment): RuleGroup {
  const requests = series(SERIES.requests, labels)
  const errors = series(SERIES.errors, labels)
  return {
    name: `${fullName}/records/requests`,
    interval: '30s',
    rules: [
      { record: SERIES.requests, expr: summed(`rate(${series('http_requests_total', labels)}[5m])`) },
      {
        record: SERIES.errors,
        // A service without failures exposes none: that is 0, not nothing.
        expr: `${summed(`rate(${failures(labels)}[5m])`)}\nor\n0 * ${requests}`,
      },
      { record: SERIES.errorRatio, expr: `${errors} / (${requests} > 0)` },
      { record: SERIES.p50, expr: percentile(0.5, labels) },
      { record: SERIES.p95, expr: percentile(0.95, labels) },
      { record: SERIES.p99, expr: percentile(0.99, labels) },
    ],
  }
}

const summed = (expr: string): string => `sum by (${SLOT}) (${expr})`

const failures = (labels: WatchedEnvironment['labels']): string =>
  series('http_requests_total', labels, 'code=~"5.."')

function percentile(share: number, labels: WatchedEnvironment['labels']): string {
  const buckets = `rate(${series('http_request_duration_seconds_bucket', labels)}[5m])`
  return `histogram_quantile(${share}, sum by (${SLOT}, le) (${buckets}))`
}
