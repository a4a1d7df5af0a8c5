import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quantileMs } from './histogram.ts'
import { KEPT_SECONDS, Measurements } from './measurements.ts'

const START_MS = 1_800_000_000_000

describe('Measurements', () => {
  it('counts only what happened within the window', () => {
    const measured = new Measurements()
    measured.record(START_MS, 1, 'ok')
    measured.record(START_MS + 1000, 1, 'error')
    measured.record(START_MS + 2999, 1, 'ok')
    measured.record(START_MS + 3000, 1, 'ok')
    expect(measured.within(START_MS + 1000, START_MS + 2999)).toMatchObject({ requests: 2, errors: 1 })
    expect(measured.within(START_MS, START_MS + 10_000)).toMatchObject({ requests: 4, errors: 1 })
  })

  it('forgets what is older than it keeps, instead of mixing it in', () => {
    const measured = new Measurements()
    measured.record(START_MS, 5, 'error')
    measured.record(START_MS + KEPT_SECONDS * 1000, 5, 'ok')
    expect(measured.within(START_MS, START_MS + KEPT_SECONDS * 1000)).toMatchObject({
      requests: 1,
      errors: 0,
    })
  })

  it('tells quantiles at most one bucket above the truth', () => {
    const latencies = fc.array(fc.double({ min: 0.06, max: 60_000, noNaN: true }), {
      minLength: 1,
      maxLength: 200,
    })
    fc.assert(
      fc.property(latencies, fc.constantFrom(0.5, 0.95, 0.99), (values, quantile) => {
        const measured = new Measurements()
        for (const value of values) measured.record(START_MS, value, 'ok')
        const truth = values.toSorted((a, b) => a - b)[Math.ceil(values.length * quantile) - 1] ?? 0
        const told = quantileMs(measured.within(START_MS, START_MS).latency, quantile) ?? 0
        expect(told).toBeGreaterThanOrEqual(truth * 0.999_999)
        expect(told).toBeLessThan(truth * 1.2)
      }),
    )
  })

  it('has no quantile without a request', () => {
    expect(quantileMs(new Measurements().within(0, START_MS).latency, 0.5)).toBeUndefined()
  })
})
