/** A series that Prometheus works out again and again, under a name of its own. */
export interface RecordingRule {
  readonly record: string
  /** PromQL. */
  readonly expr: string
  readonly labels?: Readonly<Record<string, string>>
}

export interface AlertingRule {
  readonly alert: string
  /** PromQL; every series that it gives is an alert. */
  readonly expr: string
  /** How long the expression has to hold first, as Prometheus writes durations. */
  readonly for: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Annotations
}

interface Annotations {
  readonly summary: string
  readonly description: string
  /** What to do, in words. */
  readonly runbook: string
}

/** Rules that are worked out one after the other, at the same moment: a later one sees what an earlier one recorded. */
export interface RuleGroup {
  /** Unique in its file. */
  readonly name: string
  readonly interval: string
  readonly rules: readonly (RecordingRule | AlertingRule)[]
}
