import type { Instant } from '../../../../model/instant.ts'
import type { ServiceSpec } from '../../../../model/service-spec.ts'
import type { LoadSample, Measured } from './desired-count.ts'

/** What all processes of one instance had used by a moment. */
export interface UsageReading {
  readonly at: Instant
  readonly cpuSeconds: number
  readonly memoryBytes: number
}

export interface Readings {
  readonly spec: Pick<ServiceSpec, 'cpu' | 'memory'>
  /** One list an instance, oldest first, only while it was ready and none older than the window. */
  readonly instances: readonly (readonly UsageReading[])[]
  /** Instances that are ready now. */
  readonly ready: number
  /** Answered by the color within the window. */
  readonly requests: number
  readonly windowSeconds: number
  readonly now: Instant
}

/** An instance that became ready counts after this share of the window: what its start took is not its load. */
const SETTLED_SHARE = 1 / 3

/** The mean load of one color. Every instance is measured over the same interval, since load moves between them. */
export function loadSample(readings: Readings): LoadSample {
  const { requests, ready, windowSeconds, now } = readings
  return {
    from: now - windowSeconds * 1000,
    until: now,
    load: {
      ...used(readings),
      ...(ready === 0
        ? {}
        : { requestsPerTarget: { average: (requests * 60) / windowSeconds / ready, instances: ready } }),
    },
  }
}

function used({ spec, instances, windowSeconds, now }: Readings): LoadSample['load'] {
  const settled = instances.filter(([first]) => first !== undefined && isSettled(first, windowSeconds, now))
  if (settled.length === 0) return {}
  const begin = Math.max(...settled.map(([first]) => first?.at ?? now))
  const common = settled.map(readings => readings.filter(({ at }) => at >= begin))
  return {
    cpu: mean(common.map(readings => (cores(readings) / (spec.cpu / 1024)) * 100)),
    memory: mean(common.map(readings => (bytes(readings) / (spec.memory * 1024 ** 2)) * 100)),
  }
}

function isSettled(first: UsageReading, windowSeconds: number, now: Instant): boolean {
  return now - first.at >= windowSeconds * 1000 * SETTLED_SHARE
}

function cores(readings: readonly UsageReading[]): number {
  const [first, last] = [readings[0], readings.at(-1)]
  if (first === undefined || last === undefined || last.at === first.at) return 0
  // The time of a process that nobody waited for goes with it.
  return Math.max(0, last.cpuSeconds - first.cpuSeconds) / ((last.at - first.at) / 1000)
}

function bytes(readings: readonly UsageReading[]): number {
  return readings.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) / readings.length
}

function mean(values: readonly number[]): Measured {
  return { average: values.reduce((sum, value) => sum + value, 0) / values.length, instances: values.length }
}
