import { setTimeout as wait } from 'node:timers/promises'
import type { Weights } from '../../../../model/color.ts'
import type { Instant } from '../../../../model/instant.ts'
import type { Slot as SlotRef } from '../../../target.ts'
import type { Balancer } from '../../balancer/balancer.ts'
import { complain } from '../complain.ts'
import type { Wanted } from '../slot.ts'
import { desiredCount, type LoadSample, type Rescale } from './desired-count.ts'
import { type Followed, followedColors, isMeasured, type ScaledService } from './followed-colors.ts'
import { groupUsage, type Usage } from './group-usage.ts'
import { loadSample, type UsageReading } from './load-sample.ts'

export interface ScalingTiming {
  /** Seconds between two looks. */
  readonly periodSeconds: number
  /** Whole seconds that load is averaged over. */
  readonly windowSeconds: number
}

/** CloudWatch, which AWS scales by, has one value a minute. */
export const SCALING_TIMING: ScalingTiming = { periodSeconds: 10, windowSeconds: 60 }

export interface AutoscalerOptions {
  readonly services: () => readonly ScaledService[]
  readonly balancer: Pick<Balancer, 'measure'>
  readonly now: () => Instant
  readonly timing: ScalingTiming
  readonly scale: (slot: SlotRef, count: number) => Promise<void>
  /** One line whenever a number changes. */
  readonly tell: (line: string) => void
}

/** What is remembered of one color from look to look. */
interface Watch {
  wanted: Wanted
  weights: Weights
  since: Instant
  lookedAt: Instant
  samples: readonly LoadSample[]
  readings: ReadonlyMap<number, readonly UsageReading[]>
}

/** A laptop that slept, or a clock that was set: what was measured before tells nothing of now. */
const GAP_PERIODS = 6

/**
 * Keeps as many instances as the load calls for, of colors that users are on. The other color keeps what it has, so that
 * users find it again when they are taken back.
 */
export class Autoscaler {
  readonly #options: AutoscalerOptions
  readonly #stopping = new AbortController()
  #watches = new Map<string, Watch>()

  constructor(options: AutoscalerOptions) {
    this.#options = options
  }

  /** Looks again and again until stopped. */
  start(): void {
    void this.#run()
  }

  stop(): void {
    this.#stopping.abort()
  }

  /** Measures every color that scales, and changes the numbers that are not right. */
  async look(): Promise<void> {
    const groups = this.#followed()
      .filter(isMeasured)
      .flatMap(each => each.groups)
    const usage = await groupUsage(new Set(groups))
    const watches = new Map<string, Watch>()
    // Read again: reading usage takes a moment, in which anything may have happened.
    const followed = this.#stopping.signal.aborted ? [] : this.#followed()
    for (const each of followed) watches.set(each.key, this.#observe(each, usage))
    this.#watches = watches
    // At once, before anybody can change what was just read.
    await Promise.all(followed.map(each => this.#decide(each, watches.get(each.key))))
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    const { periodSeconds } = this.#options.timing
    while (!signal.aborted) {
      await this.look().catch(complain('scaling'))
      await wait(periodSeconds * 1000, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  #followed(): readonly Followed[] {
    return followedColors(this.#options.services())
  }

  #observe(followed: Followed, usage: Usage): Watch {
    const { timing, balancer } = this.#options
    const now = this.#options.now()
    const watch = this.#watchOf(followed, now)
    const windowMilliseconds = timing.windowSeconds * 1000
    watch.readings = readingsOf(followed.groups, {
      before: watch.readings,
      usage,
      from: now - windowMilliseconds,
      now,
    })
    // Seconds that are over: the present one would count as a whole one.
    const until = Math.floor(now / 1000) * 1000 - 1
    const { requests } = balancer.measure({ ...followed.ref, since: until + 1 - windowMilliseconds, until })[
      followed.ref.color
    ]
    const sample = loadSample({
      spec: followed.spec,
      instances: [...watch.readings.values()],
      ready: followed.groups.length,
      requests,
      windowSeconds: timing.windowSeconds,
      now,
    })
    const begin = now - followed.spec.scaling.scaleInCooldownSeconds * 1000
    watch.samples = [...watch.samples.filter(({ until: end }) => end >= begin), sample]
    return watch
  }

  /** Begins anew when the number, the release or the users changed since the last look, whoever changed them. */
  #watchOf({ key, wanted, weights }: Followed, now: Instant): Watch {
    const before = this.#watches.get(key)
    const readings = before?.readings ?? new Map<number, readonly UsageReading[]>()
    const fresh: Watch = { wanted, weights, since: now, lookedAt: now, samples: [], readings }
    if (before === undefined) return fresh
    const gap = now - before.lookedAt
    if (gap < 0 || gap > GAP_PERIODS * this.#options.timing.periodSeconds * 1000)
      return { ...fresh, readings: new Map() }
    const isSame = before.wanted === wanted && before.weights.blue === weights.blue
    return isSame ? { ...before, lookedAt: now } : fresh
  }

  async #decide({ ref, wanted, spec, weights }: Followed, watch: Watch | undefined): Promise<void> {
    if (watch === undefined) return
    const isShared = weights.blue > 0 && weights.green > 0
    const seen = { present: wanted.count, samples: watch.samples, since: watch.since, isShared }
    const now = this.#options.now()
    const next = desiredCount(spec.scaling, seen, now)
    if (next === undefined) return
    this.#options.tell(line({ ref, from: wanted.count, next, now }))
    await this.#options.scale(ref, next.count)
  }
}

/** A group that was not ready at the last look begins anew. */
function readingsOf(
  groups: readonly number[],
  o: {
    readonly before: Watch['readings']
    readonly usage: Usage
    readonly from: Instant
    readonly now: Instant
  },
): Watch['readings'] {
  const { before, usage, from, now } = o
  return new Map(
    groups.flatMap(group => {
      const used = usage.get(group)
      if (used === undefined) return []
      const recent = (before.get(group) ?? []).filter(({ at }) => at >= from)
      return [[group, [...recent, { at: now, ...used }]] as const]
    }),
  )
}

function line(o: {
  readonly ref: SlotRef
  readonly from: number
  readonly next: Rescale
  readonly now: Instant
}): string {
  const { environment, service, color } = o.ref
  const change = `${o.from} to ${o.next.count} instances`
  return `${new Date(o.now).toISOString()} ${environment} ${service} ${color}: ${change}: ${o.next.reason}`
}
