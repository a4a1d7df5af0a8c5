const BUCKETS = 88
const FIRST_BOUND_MS = 0.05
const BUCKETS_PER_DOUBLING = 4

/** Latencies counted in log-spaced buckets; `counts[i]` holds those up to `bucketBoundMs(i)`. */
export interface Histogram {
  readonly counts: readonly number[]
}

/** Upper bound of a bucket in milliseconds: 0.05 ms, then a fourth root of two wider each, up to about 3 minutes. */
export function bucketBoundMs(index: number): number {
  return FIRST_BOUND_MS * 2 ** (index / BUCKETS_PER_DOUBLING)
}

/** The bucket of a latency; what is longer than the last bound counts in the last bucket. */
export function bucketOf(latencyMs: number): number {
  if (!(latencyMs > FIRST_BOUND_MS)) return 0
  return Math.min(BUCKETS - 1, Math.ceil(Math.log2(latencyMs / FIRST_BOUND_MS) * BUCKETS_PER_DOUBLING))
}

export function emptyCounts(): Uint32Array {
  return new Uint32Array(BUCKETS)
}

/** A quantile (0..1) in milliseconds, at most one bucket (19 %) above the true one; undefined without any latency. */
export function quantileMs(histogram: Histogram, quantile: number): number | undefined {
  const total = histogram.counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return undefined
  const rank = Math.max(1, Math.ceil(total * quantile))
  let seen = 0
  const index = histogram.counts.findIndex(count => (seen += count) >= rank)
  return bucketBoundMs(index)
}
