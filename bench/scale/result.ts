/** Milliseconds. */
export interface Times {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export function timesOf(took: readonly number[]): Times {
  const sorted = took.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}

export const rounded = (value: number): number => Math.round(value * 100) / 100

/** What one promotion of every service into one environment took. */
export interface PromotionResult {
  readonly environment: string
  readonly seconds: number
  readonly cpuSeconds: number
  readonly records: number
  /** From the record of one step of a rollout to the record of its next, while all services roll out at once. */
  readonly decided: Times
  readonly loopDelay: Times
}

/** With every service of every environment standing by. */
export interface RestResult {
  readonly rollouts: number
  readonly seconds: number
  /** Processor seconds a second. */
  readonly cpu: number
  readonly looksPerSecond: number
  readonly loopDelay: Times
}

/** What one control plane did with so many services in three environments. */
export interface ScaleResult {
  readonly services: number
  /** The second release, which has one to go back to. */
  readonly promotions: readonly PromotionResult[]
  readonly rest: RestResult
  /** Services of one environment taken back in the same moment: from the call to the traffic moved. */
  readonly rollbacks: Times
  readonly rollbackSeconds: number
  readonly claims: Times
  readonly status: Times
  readonly gate: Times
  readonly database: { readonly megabytes: number; readonly events: number }
  readonly residentMegabytes: { readonly rest: number; readonly peak: number }
}
