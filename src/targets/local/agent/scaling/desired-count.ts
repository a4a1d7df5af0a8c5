import type { Instant } from '../../../../model/instant.ts'
import type { ScalingSpec } from '../../../../model/service-spec.ts'
import { type Limits, limitsAt } from './limits.ts'

const METRICS = ['cpu', 'memory', 'requestsPerTarget'] as const
export type Metric = (typeof METRICS)[number]

/** How loaded one color was in an interval; a metric that could not be measured is absent. */
export interface LoadSample {
  readonly from: Instant
  readonly until: Instant
  readonly load: { readonly [metric in Metric]?: Measured }
}

export interface Measured {
  /** Percent of the cpu or memory that the service asks for, or requests a minute: a mean over the instances. */
  readonly average: number
  /** Instances that it is a mean of. */
  readonly instances: number
}

/** What is known of a color that takes user traffic. */
export interface Situation {
  /** Instances wanted now. */
  readonly present: number
  /** Oldest first, as far back as the cooldown. */
  readonly samples: readonly LoadSample[]
  /** Since then the number, the release and the share of the users have been what they are. */
  readonly since: Instant
  /** Users are on the other color too: a shift is under way. */
  readonly isShared: boolean
}

export interface Rescale {
  readonly count: number
  /** In words. */
  readonly reason: string
}

/** Scaling in leaves each metric at no more than this share of its target, so that noise does not scale out again. */
const SCALE_IN_SHARE = 0.9

/**
 * How many instances there should be, undefined where it is as many as there are. After "Target tracking scaling policies
 * for Application Auto Scaling" (AWS): the metric that calls for most wins, at once; fewer only when every metric has
 * been measured at every instance, none called for more during the whole cooldown, and nothing else changed in it.
 */
export function desiredCount(policy: ScalingSpec, seen: Situation, now: Instant): Rescale | undefined {
  const limits = limitsAt(policy, now)
  return more(policy, limits, seen) ?? (seen.isShared ? undefined : fewer(policy, limits, { ...seen, now }))
}

function more(policy: ScalingSpec, limits: Limits, { present, samples }: Situation): Rescale | undefined {
  const latest = samples.at(-1)
  const calls = latest === undefined ? [] : callsOf(policy, latest, 1)
  const highest = calls.toSorted((a, b) => b.count - a.count)[0]
  const count = Math.min(limits.max, Math.max(limits.min, highest?.count ?? 0))
  if (count <= present) return undefined
  const isByLoad = highest !== undefined && highest.count > limits.min
  return { count, reason: isByLoad ? inWords(highest) : `at least ${limits.min} are wanted${by(limits)}` }
}

function fewer(
  policy: ScalingSpec,
  limits: Limits,
  { present, samples, since, now }: Situation & { readonly now: Instant },
): Rescale | undefined {
  if (present > limits.max)
    return { count: limits.max, reason: `at most ${limits.max} are wanted${by(limits)}` }
  const begin = now - policy.scaleInCooldownSeconds * 1000
  const targets = METRICS.filter(metric => policy[metric] !== undefined)
  // What reaches back before the last change tells of another number of instances, or of fewer users.
  const rest = samples.filter(({ from, until }) => until >= begin && from >= since)
  const isKnown = rest.every(({ load }) => targets.every(metric => (load[metric]?.instances ?? 0) >= present))
  if (since > begin || rest.length === 0 || targets.length === 0 || !isKnown) return undefined
  const calls = rest.flatMap(sample => callsOf(policy, sample, SCALE_IN_SHARE))
  const count = Math.max(limits.min, ...calls.map(call => call.count))
  if (count >= present) return undefined
  const latest = callsOf(policy, rest.at(-1), SCALE_IN_SHARE)
  return { count, reason: latest.map(inWords).join(', ') }
}

interface Call {
  readonly metric: Metric
  readonly average: number
  readonly target: number
  /** Instances at which the metric would be at that share of its target. */
  readonly count: number
}

function callsOf(policy: ScalingSpec, sample: LoadSample | undefined, share: number): readonly Call[] {
  return METRICS.flatMap(metric => {
    const target = policy[metric]
    const measured = sample?.load[metric]
    if (target === undefined || measured === undefined) return []
    const { average, instances } = measured
    return [{ metric, average, target, count: whole((instances * average) / (target * share)) }]
  })
}

/** A load that is exactly at its target is not above it because of the last binary digit. */
function whole(instances: number): number {
  return Math.ceil(instances - 1e-9)
}

function inWords({ metric, average, target }: Call): string {
  const seen = Math.round(average)
  return metric === 'requestsPerTarget'
    ? `${seen} requests a minute and instance, target ${target}`
    : `${metric} at ${seen} %, target ${target} %`
}

function by({ schedule }: Limits): string {
  return schedule === undefined ? '' : ` by the schedule ${schedule}`
}
