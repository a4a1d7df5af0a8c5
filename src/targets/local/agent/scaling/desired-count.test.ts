import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ScalingSpec } from '../../../../model/service-spec.ts'
import { desiredCount, type LoadSample, type Measured, type Situation } from './desired-count.ts'

const START = Date.parse('2026-03-02T12:00:00Z')
const PERIOD = 10_000
const WINDOW = 60_000

function policyOf(changes: Partial<ScalingSpec> = {}): ScalingSpec {
  return { min: 1, max: 10, cpu: 70, scaleInCooldownSeconds: 300, schedules: [], ...changes }
}

/** Samples of every period from the start on, all with the same load. */
function samplesUntil(now: number, load: LoadSample['load']): LoadSample[] {
  const count = (now - START) / PERIOD
  return Array.from({ length: count }, (_, index) => {
    const until = START + (index + 1) * PERIOD
    return { from: until - WINDOW, until, load }
  })
}

const measured = (average: number, instances: number): Measured => ({ average, instances })

function situation(changes: Partial<Situation> & Pick<Situation, 'present' | 'samples'>): Situation {
  return { since: START, isShared: false, ...changes }
}

/** What is wanted after the same load for so long. */
function after(
  seconds: number,
  o: {
    present: number
    load: LoadSample['load']
    policy?: Partial<ScalingSpec>
    situation?: Partial<Situation>
  },
) {
  const now = START + seconds * 1000
  const seen = situation({ present: o.present, samples: samplesUntil(now, o.load), ...o.situation })
  return desiredCount(policyOf(o.policy), seen, now)
}

describe('scaling out', () => {
  it('adds as many instances as bring the metric to its target, at once', () => {
    expect(after(10, { present: 2, load: { cpu: measured(180, 2) } })).toEqual({
      count: 6,
      reason: 'cpu at 180 %, target 70 %',
    })
  })

  it('stays at a load that is exactly at its target', () => {
    expect(after(10, { present: 3, load: { cpu: measured(70, 3) } })).toBeUndefined()
  })

  it('follows the metric that calls for most', () => {
    const load = {
      cpu: measured(140, 2),
      memory: measured(10, 2),
      requestsPerTarget: measured(1250, 2),
    }
    const policy = { memory: 75, requestsPerTarget: 500 }
    expect(after(10, { present: 2, load, policy })).toEqual({
      count: 5,
      reason: '1250 requests a minute and instance, target 500',
    })
  })

  it('does not look at a metric without a target', () => {
    expect(after(10, { present: 2, load: { memory: measured(500, 2) } })).toBeUndefined()
  })

  it('never goes above max', () => {
    expect(after(10, { present: 2, load: { cpu: measured(7000, 2) } })).toMatchObject({ count: 10 })
    expect(after(10, { present: 10, load: { cpu: measured(7000, 10) } })).toBeUndefined()
  })

  it('goes up to min without any measurement, and to one where min is none', () => {
    const o = { load: {}, policy: { min: 3 } }
    expect(after(0, { ...o, present: 1 })).toEqual({ count: 3, reason: 'at least 3 are wanted' })
    expect(after(0, { present: 0, load: {}, policy: { min: 0 } })).toMatchObject({ count: 1 })
  })

  it('counts only what was measured where an instance is still starting', () => {
    expect(after(10, { present: 3, load: { cpu: measured(140, 1) } })).toBeUndefined()
  })
})

describe('scaling in', () => {
  const idle = { cpu: measured(7, 5) }

  it('waits for the cooldown after the last change', () => {
    expect(after(290, { present: 5, load: idle })).toBeUndefined()
    expect(after(300, { present: 5, load: idle })).toEqual({
      count: 1,
      reason: 'cpu at 7 %, target 70 %',
    })
  })

  it('waits for a whole window of measurements also without a cooldown', () => {
    const policy = { scaleInCooldownSeconds: 0 }
    expect(after(50, { present: 5, load: idle, policy })).toBeUndefined()
    expect(after(60, { present: 5, load: idle, policy })).toMatchObject({ count: 1 })
  })

  it('keeps a margin, so that the metric does not come back above its target', () => {
    expect(after(600, { present: 3, load: { cpu: measured(44, 3) } })).toBeUndefined()
    expect(after(600, { present: 3, load: { cpu: measured(42, 3) } })).toMatchObject({ count: 2 })
  })

  it('never goes below min', () => {
    expect(after(600, { present: 5, load: idle, policy: { min: 2 } })).toMatchObject({ count: 2 })
  })

  it('happens only where every metric agrees', () => {
    const policy = { requestsPerTarget: 500 }
    const busy = { ...idle, requestsPerTarget: measured(480, 5) }
    expect(after(600, { present: 5, load: busy, policy })).toBeUndefined()
    const less = { ...idle, requestsPerTarget: measured(300, 5) }
    expect(after(600, { present: 5, load: less, policy })).toMatchObject({ count: 4 })
  })

  it('takes a metric that is missing for no reason to', () => {
    expect(after(600, { present: 5, load: {} })).toBeUndefined()
    expect(after(600, { present: 5, load: idle, policy: { memory: 75 } })).toBeUndefined()
  })

  it('waits until every instance has been measured', () => {
    expect(after(600, { present: 5, load: { cpu: measured(7, 4) } })).toBeUndefined()
  })

  it('remembers the highest load of the cooldown', () => {
    const now = START + 600_000
    const samples = samplesUntil(now, idle).map(sample =>
      sample.until === now - 200_000 ? { ...sample, load: { cpu: measured(50, 5) } } : sample,
    )
    expect(desiredCount(policyOf(), situation({ present: 5, samples }), now)).toMatchObject({ count: 4 })
  })

  it('does not happen while users are on both colors, not even for max', () => {
    const shared = { situation: { isShared: true } }
    expect(after(600, { present: 5, load: idle, ...shared })).toBeUndefined()
    expect(after(600, { present: 15, load: idle, ...shared })).toBeUndefined()
    expect(after(600, { present: 15, load: idle })).toEqual({ count: 10, reason: 'at most 10 are wanted' })
  })

  it('has no reason where nothing is tracked', () => {
    const { cpu: _untracked, ...policy } = policyOf()
    const now = START + 600_000
    const seen = situation({ present: 5, samples: samplesUntil(now, idle) })
    expect(desiredCount(policy, seen, now)).toBeUndefined()
  })
})

describe('schedules', () => {
  const evening = { name: 'evening', cron: '0 19 * * FRI', timezone: 'Asia/Tokyo', min: 6, max: 40 }
  const ends = { name: 'evening-end', cron: '0 23 * * FRI', timezone: 'Asia/Tokyo', min: 1, max: 10 }
  const policy = policyOf({ schedules: [evening, ends] })
  const at = (time: string, o: { present: number; cpu?: number; schedules?: ScalingSpec['schedules'] }) => {
    const now = Date.parse(time)
    const cpu = measured(o.cpu ?? 1, o.present)
    const samples = samplesUntil(START + 600_000, { cpu }).map(sample => ({
      ...sample,
      from: sample.from + now - START - 600_000,
      until: sample.until + now - START - 600_000,
    }))
    const spec = o.schedules === undefined ? policy : { ...policy, schedules: o.schedules }
    return desiredCount(spec, { present: o.present, samples, since: 0, isShared: false }, now)
  }

  it('raise min from their first second on, in their own time zone', () => {
    expect(at('2026-03-06T18:59:59+09:00', { present: 1 })).toBeUndefined()
    expect(at('2026-03-06T19:00:00+09:00', { present: 1 })).toEqual({
      count: 6,
      reason: 'at least 6 are wanted by the schedule evening',
    })
  })

  it('raise max', () => {
    expect(at('2026-03-06T18:59:00+09:00', { present: 10, cpu: 500 })).toBeUndefined()
    expect(at('2026-03-06T19:00:00+09:00', { present: 10, cpu: 500 })).toMatchObject({ count: 40 })
  })

  it('end with the usual limits, and what is above max goes at once', () => {
    expect(at('2026-03-06T22:59:59+09:00', { present: 30, cpu: 60 })).toMatchObject({ count: 29 })
    expect(at('2026-03-06T23:00:00+09:00', { present: 30, cpu: 60 })).toEqual({
      count: 10,
      reason: 'at most 10 are wanted',
    })
  })

  it('hold until another one where they have no end', () => {
    const night = { name: 'night', cron: '0 1 * * *', timezone: 'Asia/Tokyo', min: 2, max: 3 }
    expect(at('2026-03-09T12:00:00+09:00', { present: 1, schedules: [evening] })).toMatchObject({ count: 6 })
    expect(at('2026-03-09T12:00:00+09:00', { present: 9, schedules: [evening, night] })).toMatchObject({
      count: 3,
    })
  })

  it('go before one that ends at the same moment, in whatever order they are written', () => {
    const late = { ...evening, name: 'late', cron: '0 23 * * FRI', min: 4 }
    for (const schedules of [
      [evening, ends, late],
      [late, evening, ends],
    ]) {
      expect(at('2026-03-06T23:00:00+09:00', { present: 1, schedules })).toMatchObject({
        count: 4,
        reason: 'at least 4 are wanted by the schedule late',
      })
    }
  })
})

/** A service under a load that does not change, as `desiredCount` sees one: memory has a part that every instance takes. */
interface Simulated {
  readonly policy: ScalingSpec
  readonly begin: number
  /** Of all instances together. */
  readonly cpu: number
  /** Percent that one instance can use at most. */
  readonly mostCpu: number
  readonly requests: number
  readonly memory: number
  readonly memoryOfEach: number
  /** Periods from the wish for an instance until it is measured. */
  readonly delay: number
}

const simulated: fc.Arbitrary<Simulated> = fc
  .record({
    min: fc.integer({ min: 0, max: 5 }),
    span: fc.integer({ min: 1, max: 30 }),
    begin: fc.integer({ min: 1, max: 40 }),
    cpuTarget: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
    memoryTarget: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
    requestsTarget: fc.option(fc.integer({ min: 1, max: 2000 }), { nil: undefined }),
    cooldown: fc.integer({ min: 0, max: 600 }),
    cpu: fc.double({ min: 0, max: 3000, noNaN: true }),
    mostCpu: fc.integer({ min: 50, max: 800 }),
    requests: fc.double({ min: 0, max: 30_000, noNaN: true }),
    memory: fc.double({ min: 0, max: 500, noNaN: true }),
    memoryOfEach: fc.double({ min: 0, max: 120, noNaN: true }),
    delay: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ min, span, cpuTarget, memoryTarget, requestsTarget, cooldown, ...rest }) => ({
    ...rest,
    policy: {
      min,
      max: min + span,
      ...(cpuTarget === undefined ? {} : { cpu: cpuTarget }),
      ...(memoryTarget === undefined ? {} : { memory: memoryTarget }),
      ...(requestsTarget === undefined ? {} : { requestsPerTarget: requestsTarget }),
      scaleInCooldownSeconds: cooldown,
      schedules: [],
    },
  }))

/** Numbers of instances, period by period; `noise` is a factor on every measurement. */
function simulate(service: Simulated, o: { periods: number; noise: (period: number) => number }): number[] {
  const { policy, delay } = service
  let samples: LoadSample[] = []
  let since = START
  const counts = [service.begin]
  for (let period = 1; period <= o.periods; period += 1) {
    const now = START + period * PERIOD
    const present = counts.at(-1) ?? 0
    const serving = Math.min(...counts.slice(-delay))
    const noise = o.noise(period)
    samples = samples.filter(({ until }) => until >= now - policy.scaleInCooldownSeconds * 1000)
    samples.push({
      from: now - WINDOW,
      until: now,
      load: {
        cpu: measured(Math.min(service.mostCpu, service.cpu / serving) * noise, serving),
        memory: measured((service.memoryOfEach + service.memory / serving) * noise, serving),
        requestsPerTarget: measured((service.requests / serving) * noise, serving),
      },
    })
    const next = desiredCount(policy, { present, samples, since, isShared: false }, now)
    if (next !== undefined) {
      samples = []
      since = now
    }
    counts.push(next?.count ?? present)
  }
  return counts
}

const changesOf = (counts: readonly number[]) =>
  counts.flatMap((count, index) => (index === 0 ? [] : [Math.sign(count - (counts[index - 1] ?? count))]))

describe('under a constant load', () => {
  it('settles and stays, going up first and then down, never up and down in turn', () => {
    fc.assert(
      fc.property(simulated, service => {
        const counts = simulate(service, { periods: 500, noise: () => 1 })
        const begun = changesOf(counts.slice(1))
        const lastOut = begun.lastIndexOf(1)
        const firstIn = begun.indexOf(-1)
        if (firstIn !== -1) expect(lastOut).toBeLessThan(firstIn)
        expect(new Set(counts.slice(-100)).size).toBe(1)
      }),
      { numRuns: 100 },
    )
  })

  it('is never below min nor above max', () => {
    fc.assert(
      fc.property(simulated, service => {
        const counts = simulate(service, { periods: 300, noise: () => 1 }).slice(1)
        expect(Math.min(...counts)).toBeGreaterThanOrEqual(Math.max(1, service.policy.min))
        expect(Math.max(...counts)).toBeLessThanOrEqual(service.policy.max)
      }),
      { numRuns: 100 },
    )
  })

  it('does not go in and out again by noise of some percent', () => {
    fc.assert(
      fc.property(
        simulated,
        fc.array(fc.double({ min: 0.95, max: 1.05, noNaN: true }), { minLength: 1 }),
        (service, factors) => {
          const noise = (period: number) => factors[period % factors.length] ?? 1
          const changes = changesOf(
            simulate({ ...service, memory: 0, memoryOfEach: 0 }, { periods: 500, noise }).slice(1),
          )
          const firstIn = changes.indexOf(-1)
          if (firstIn !== -1) expect(changes.lastIndexOf(1)).toBeLessThan(firstIn)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('follows a load that comes and goes', () => {
    const service: Simulated = {
      policy: policyOf({ requestsPerTarget: 100, max: 20 }),
      begin: 1,
      cpu: 30,
      mostCpu: 100,
      requests: 150,
      memory: 0,
      memoryOfEach: 0,
      delay: 2,
    }
    const load = (period: number) => (period < 50 ? 1 : period < 100 ? 10 : 1)
    const counts = simulate(service, { periods: 200, noise: load })
    expect(counts[40]).toBe(2)
    expect(counts[90]).toBe(15)
    expect(counts[128]).toBe(15)
    expect(counts[200]).toBe(2)
  })
})
