import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MeasureQuery, MetricSource } from '../../src/analysis/metric-source.ts'
import type { Color } from '../../src/model/color.ts'
import type { Measurement, Measurements } from '../../src/model/observation.ts'
import { eventually } from './eventually.ts'
import type { Requests } from './measured-app.ts'

/** What a source of measurements has to bring so that its promises can be tested. */
export interface MetricSourceUnderTest {
  readonly source: MetricSource
  readonly environment: string
  readonly queries?: NonNullable<MeasureQuery['queries']>
  /** A service whose two colors run, are measured and have had a request each; another one each time. */
  startService(): Promise<string>
  send(slot: MeasuredSlot, requests: Requests): Promise<void>
  /** Ends every instance of the color. */
  end(slot: MeasuredSlot): Promise<void>
  stop(): Promise<void>
}

export interface MeasuredSlot {
  readonly service: string
  readonly color: Color
}

const signal = AbortSignal.timeout(600_000)
/** A source counts by samples, and draws out what lies between two of them. */
const TOLERANCE = 0.15

const isNear = (seen: number, wanted: number | undefined): boolean =>
  wanted === undefined || Math.abs(seen - wanted) <= wanted * TOLERANCE

/** Every promise of `MetricSource`, for any source. */
export function describeMetricSource(name: string, setUp: () => Promise<MetricSourceUnderTest>): void {
  describe(name, () => {
    let under: MetricSourceUnderTest

    beforeAll(async () => {
      under = await setUp()
    }, 120_000)
    afterAll(async () => await under?.stop())

    const measure = (service: string, since: number): Promise<Measurements> => {
      const { source, environment, queries } = under
      const query = { environment, service, since, until: Date.now() }
      return source.measure(queries === undefined ? query : { ...query, queries }, signal)
    }

    /** What of the color was measured since then, once it is about as much. */
    const measured = (
      { service, color }: MeasuredSlot,
      since: number,
      { requests, errors }: Partial<Measurement>,
    ): Promise<Measurement> =>
      eventually(`${requests} requests of ${color}`, async () => {
        const { [color]: own, missing } = await measure(service, since)
        if (own === undefined) throw new Error(missing?.[color])
        return isNear(own.requests, requests) && isNear(own.errors, errors) && own
      })

    /** A window that begins now, and in which each color was looked at: what comes before the first look is not seen. */
    const windowOf = async (...slots: readonly MeasuredSlot[]): Promise<number> => {
      const since = Date.now()
      await Promise.all(slots.map(slot => measured(slot, since, { requests: 0 })))
      return since
    }

    it('tells how many requests each color had, how many of them failed and how long they took', async () => {
      const service = await under.startService()
      const blue = { service, color: 'blue' } as const
      const green = { service, color: 'green' } as const
      const since = await windowOf(blue, green)
      await under.send(blue, { count: 200, milliseconds: 60 })
      await under.send(green, { count: 80, milliseconds: 20 })
      await under.send(green, { count: 20, milliseconds: 450, code: 503 })
      const [one, other] = await Promise.all([
        measured(blue, since, { requests: 200 }),
        // These are the first failures that this color ever had.
        measured(green, since, { requests: 100, errors: 20 }),
      ])
      expect(one.errors).toBe(0)
      expect(one.p95).toBeGreaterThan(50)
      expect(one.p95).toBeLessThanOrEqual(100)
      expect(other.p95).toBeGreaterThan(200)
      expect(other.p95).toBeLessThanOrEqual(500)
    })

    it('tells nothing of the time before the window', async () => {
      const slot = { service: await under.startService(), color: 'green' } as const
      const before = await windowOf(slot)
      await under.send(slot, { count: 50, code: 500 })
      await measured(slot, before, { requests: 50, errors: 50 })
      const since = await windowOf(slot)
      await under.send(slot, { count: 60 })
      expect((await measured(slot, since, { requests: 60 })).errors).toBe(0)
    })

    it('tells nothing of a service that nobody measures: silence is not zero errors', async () => {
      const { blue, green } = await measure('nobody', Date.now() - 60_000)
      expect([blue, green]).toEqual([undefined, undefined])
    })

    it('tells nothing of a color that has ended, and goes on with the other', async () => {
      const slot = { service: await under.startService(), color: 'green' } as const
      const other = { ...slot, color: 'blue' } as const
      await under.send(slot, { count: 30, code: 500 })
      await under.end(slot)
      const since = await windowOf(other)
      await under.send(other, { count: 30 })
      expect((await measured(other, since, { requests: 30 })).errors).toBe(0)
      expect((await measure(slot.service, since)).green).toBeUndefined()
    })
  })
}
