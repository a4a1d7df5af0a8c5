import type { MetricQueries } from '../model/service-spec.ts'

/**
 * What to ask a Prometheus that scrapes as Sluice renders it: services count `http_requests_total{code}` and have the
 * histogram `http_request_duration_seconds`, and scraping says whose they are.
 */
export function defaultQueries(project: string): Required<MetricQueries> {
  const slot = `project="${project}",environment="$environment",service="$service",color="$color"`
  // Where answers are counted without their code nobody knows of failures: nothing is measured then.
  const requests = `http_requests_total{${slot},code!=""}`
  const errors = `http_requests_total{${slot},code=~"5.."}`
  return {
    requests: `sum(increase(${requests}[$window])) + ${born(requests, slot)}`,
    // What never failed has no series of failures, and what is measured at all is known from the requests.
    errors: `(sum(increase(${errors}[$window])) or vector(0)) + ${born(errors, slot)}`,
    p95: percentile(0.95, slot),
    p99: percentile(0.99, slot),
  }
}

/**
 * A series begins with its first event, and `increase` does not see what it begins with: one failure at each of twenty
 * instances would be none. It counts where the instance itself was measured before; elsewhere it may be older.
 */
function born(counter: string, slot: string): string {
  const first = `min_over_time(${counter}[$window]) unless ${counter} offset $window`
  return `(sum(${first} and on (job, instance) up{${slot}} offset $window) or vector(0))`
}

function percentile(share: number, slot: string): string {
  const buckets = `rate(http_request_duration_seconds_bucket{${slot}}[$window])`
  return `1000 * histogram_quantile(${share}, sum by (le) (${buckets}))`
}
