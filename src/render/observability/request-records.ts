import { formatDuration } from '../../blueprint/units.ts'
import type { RecordingRule, RuleGroup } from './rule.ts'
import { analysisSeries, SERIES, series } from './series.ts'
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
      { record: SERIES.p50, expr: percentile({ share: 0.5, labels, window: '5m' }) },
      { record: SERIES.p95, expr: percentile({ share: 0.95, labels, window: '5m' }) },
      { record: SERIES.p99, expr: percentile({ share: 0.99, labels, window: '5m' }) },
    ],
  }
}

/** What the analysis of rollouts asks for, once for each window that a service of the environment has. */
export function analysisRecords({ fullName, labels, services }: WatchedEnvironment): RuleGroup {
  const seconds = new Set(services.map(({ spec }) => spec.rollout.analysis.windowSeconds))
  return {
    name: `${fullName}/records/analysis`,
    // A step of a rollout may be over within a minute.
    interval: '15s',
    rules: [...seconds]
      .toSorted((a, b) => a - b)
      .flatMap(each => windowRecords({ labels, window: formatDuration(each) })),
  }
}

interface Window {
  readonly labels: WatchedEnvironment['labels']
  readonly window: string
}

function windowRecords({ labels, window }: Window): readonly RecordingRule[] {
  const names = analysisSeries(window)
  return [
    { record: names.requests, expr: summed(`increase(${series('http_requests_total', labels)}[${window}])`) },
    {
      record: names.errors,
      expr: `${summed(`increase(${failures(labels)}[${window}])`)}\nor\n0 * ${series(names.requests, labels)}`,
    },
    { record: names.p95, expr: `1000 * ${percentile({ share: 0.95, labels, window })}` },
    { record: names.p99, expr: `1000 * ${percentile({ share: 0.99, labels, window })}` },
  ]
}

const summed = (expr: string): string => `sum by (${SLOT}) (${expr})`

const failures = (labels: WatchedEnvironment['labels']): string =>
  series('http_requests_total', labels, 'code=~"5.."')

function percentile({ share, labels, window }: Window & { readonly share: number }): string {
  const buckets = `rate(${series('http_request_duration_seconds_bucket', labels)}[${window}])`
  return `histogram_quantile(${share}, sum by (${SLOT}, le) (${buckets}))`
}
