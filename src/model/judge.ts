import type { Color } from './color.ts'
import { otherColor } from './color.ts'
import type { Measurement, Measurements } from './observation.ts'
import type { AnalysisSpec } from './service-spec.ts'

/** `unknown` is not health: it holds a rollout and never advances it. */
export type Verdict =
  | { readonly health: 'healthy'; readonly reason: string }
  | { readonly health: 'failing'; readonly reason: string }
  | { readonly health: 'unknown'; readonly reason: string }

/** A percentile of fewer requests is one slow request, not a slow release. */
const PERCENTILE_REQUESTS = 100

/** Differences that nobody notices are the machine's noise: a ratio alone would make 8 ms out of 3 ms a failure. */
const NOISE_MILLISECONDS = 50

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** Judges a color by what its users got, in itself and beside the other color measured at the same time. */
export function judge(spec: AnalysisSpec, color: Color, measurements: Measurements | undefined): Verdict {
  const own = measurements?.[color]
  if (own === undefined) {
    return spec.minimumRequests === 0
      ? { health: 'healthy', reason: 'no measurements, and none are asked for' }
      : { health: 'unknown', reason: withReason('no measurements yet', measurements?.missing?.[color]) }
  }
  if (own.requests < Math.max(1, spec.minimumRequests)) return judgeSilence(spec, own)
  const problem = absoluteProblem(spec, own) ?? comparedProblem(spec, own, measurements?.[otherColor(color)])
  if (problem !== undefined) return { health: 'failing', reason: problem }
  const missing = unmeasuredLimit(spec, own)
  if (missing !== undefined) return { health: 'unknown', reason: missing }
  return {
    health: 'healthy',
    reason: `${own.requests} requests, ${percent(own.errors / own.requests)} failed`,
  }
}

const withReason = (said: string, reason: string | undefined): string =>
  reason === undefined ? said : `${said}: ${reason}`

function judgeSilence(spec: AnalysisSpec, own: Measurement): Verdict {
  if (spec.minimumRequests === 0) return { health: 'healthy', reason: 'no requests, and none are asked for' }
  return {
    health: 'unknown',
    reason: `${own.requests} requests measured, ${spec.minimumRequests} needed for a verdict`,
  }
}

function absoluteProblem(spec: AnalysisSpec, own: Measurement): string | undefined {
  const rate = own.errors / own.requests
  if (rate > spec.maxErrorRate) {
    return `${percent(rate)} of ${own.requests} requests failed; at most ${percent(spec.maxErrorRate)} may`
  }
  if (own.requests < PERCENTILE_REQUESTS) return undefined
  return slower('p95', own.p95, spec.maxP95Milliseconds) ?? slower('p99', own.p99, spec.maxP99Milliseconds)
}

function slower(name: string, seen: number | undefined, limit: number | undefined): string | undefined {
  if (seen === undefined || limit === undefined || seen <= limit) return undefined
  return `${name} latency is ${seen.toFixed(0)} ms; at most ${limit} ms is allowed`
}

/** A limit that nobody measures is not kept. */
function unmeasuredLimit(spec: AnalysisSpec, own: Measurement): string | undefined {
  if (own.requests < PERCENTILE_REQUESTS) return undefined
  if (spec.maxP95Milliseconds !== undefined && own.p95 === undefined) return 'the p95 latency is not measured'
  if (spec.maxP99Milliseconds !== undefined && own.p99 === undefined) return 'the p99 latency is not measured'
  return undefined
}

/** A color that had too few requests in the window is nothing to compare with. */
function comparedProblem(
  spec: AnalysisSpec,
  own: Measurement,
  other: Measurement | undefined,
): string | undefined {
  const { comparison } = spec
  if (comparison === undefined || other === undefined) return undefined
  if (other.requests < Math.max(1, spec.minimumRequests)) return undefined
  const added = own.errors / own.requests - other.errors / other.requests
  if (added > comparison.maxErrorRateIncrease) {
    return `${percent(added)} more requests failed than on the active color; at most ${percent(comparison.maxErrorRateIncrease)} more may`
  }
  if (own.p95 === undefined || other.p95 === undefined) return undefined
  if (Math.min(own.requests, other.requests) < PERCENTILE_REQUESTS) return undefined
  const allowed = Math.max(other.p95 * comparison.maxP95Ratio, other.p95 + NOISE_MILLISECONDS)
  if (own.p95 <= allowed) return undefined
  return `p95 latency is ${own.p95.toFixed(0)} ms, the active color's ${other.p95.toFixed(0)} ms; at most ${comparison.maxP95Ratio} times that is allowed`
}
