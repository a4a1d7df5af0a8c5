/** Names of what is recorded: alerts and dashboards read these. LEVEL:METRIC:OPERATIONS (Prometheus, "Recording rules"). */
export const SERIES = {
  /** A second. */
  requests: 'service_color:http_requests:rate5m',
  errors: 'service_color:http_errors:rate5m',
  /** 0 to 1; none without requests. */
  errorRatio: 'service_color:http_error_ratio:rate5m',
  /** Seconds. */
  p50: 'service_color:http_request_duration_seconds:p50_rate5m',
  p95: 'service_color:http_request_duration_seconds:p95_rate5m',
  p99: 'service_color:http_request_duration_seconds:p99_rate5m',
  wanted: 'service_color:instances_wanted:max',
  available: 'service_color:instances_available:max',
  /** Unix time of the newest set of instances. */
  deployed: 'service_color:deployed_timestamp_seconds:max',
  /** Shares of the limits, 0 to 1. */
  cpu: 'service_color:cpu_of_limit:ratio_rate5m',
  memory: 'service_color:memory_of_limit:ratio',
  autoscalerCurrent: 'service:autoscaler_current_replicas:max',
  autoscalerMin: 'service:autoscaler_min_replicas:max',
  autoscalerMax: 'service:autoscaler_max_replicas:max',
} as const

/** A name with labels that must be equal, none of which needs to be escaped, and further matchers of PromQL. */
export function series(
  name: string,
  labels: Readonly<Record<string, string>>,
  ...further: readonly string[]
): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  return `${name}{${[...pairs, ...further].join(',')}}`
}
