import { describe, expect, it } from 'vitest'
import { judge } from './judge.ts'
import type { AnalysisSpec } from './service-spec.ts'

const spec: AnalysisSpec = {
  windowSeconds: 60,
  minimumRequests: 20,
  maxErrorRate: 0.05,
  maxP95Milliseconds: 500,
  maxP99Milliseconds: 900,
  comparison: { maxErrorRateIncrease: 0.02, maxP95Ratio: 2 },
}

/** Within every limit. */
const QUICK = { p95: 100, p99: 200 }

describe('the verdict on a color', () => {
  it('is healthy when few enough requests fail', () => {
    expect(judge(spec, 'green', { green: { requests: 100, errors: 5, ...QUICK } }).health).toBe('healthy')
  })

  it('is failing when too many do, and says how many', () => {
    expect(judge(spec, 'green', { green: { requests: 100, errors: 6 } })).toEqual({
      health: 'failing',
      reason: '6.0 % of 100 requests failed; at most 5.0 % may',
    })
  })

  it('is unknown without measurements or with too few requests, however they went', () => {
    expect(judge(spec, 'green', undefined).health).toBe('unknown')
    expect(judge(spec, 'green', { blue: { requests: 100, errors: 0 } }).health).toBe('unknown')
    expect(judge(spec, 'green', { green: { requests: 19, errors: 19 } }).health).toBe('unknown')
  })

  it('says why a color was not measured, where that is known', () => {
    const measurements = { blue: { requests: 100, errors: 0 }, missing: { green: 'no series' } }
    expect(judge(spec, 'green', measurements)).toEqual({
      health: 'unknown',
      reason: 'no measurements yet: no series',
    })
  })

  it('lets silence pass only where no requests are asked for', () => {
    const quiet = { ...spec, minimumRequests: 0 }
    expect(judge(quiet, 'green', undefined).health).toBe('healthy')
    expect(judge(quiet, 'green', { green: { requests: 0, errors: 0 } }).health).toBe('healthy')
    expect(judge(quiet, 'green', { green: { requests: 4, errors: 4 } }).health).toBe('failing')
  })

  it('fails on latency beyond its limits', () => {
    expect(judge(spec, 'green', { green: { requests: 100, errors: 0, p95: 501 } }).reason).toContain(
      'p95 latency is 501 ms',
    )
    expect(judge(spec, 'green', { green: { requests: 100, errors: 0, p99: 901 } }).reason).toContain(
      'p99 latency is 901 ms',
    )
  })

  it('is unknown where a limit is set that nobody measures', () => {
    expect(judge(spec, 'green', { green: { requests: 100, errors: 0, p99: 200 } })).toEqual({
      health: 'unknown',
      reason: 'the p95 latency is not measured',
    })
    expect(judge(spec, 'green', { green: { requests: 100, errors: 0, p95: 100 } }).health).toBe('unknown')
  })

  it('compares with the active color measured at the same time', () => {
    const blue = { requests: 100, errors: 1, p95: 100 }
    const green = (errors: number, p95: number) =>
      judge(spec, 'green', { blue, green: { ...QUICK, requests: 100, errors, p95 } })
    expect(green(4, 100).health).toBe('failing')
    expect(green(3, 201).reason).toContain("the active color's 100 ms")
    expect(green(3, 200).health).toBe('healthy')
  })

  it('does not compare with a color that had too few requests', () => {
    const blue = { requests: 3, errors: 0, p95: 1 }
    expect(
      judge(spec, 'green', { blue, green: { ...QUICK, requests: 100, errors: 5, p95: 400 } }).health,
    ).toBe('healthy')
  })

  it('takes neither few requests nor a few milliseconds for a slow release', () => {
    const slow = { requests: 99, errors: 0, p95: 5000, p99: 9000 }
    expect(judge(spec, 'green', { blue: { requests: 99, errors: 0, p95: 1 }, green: slow }).health).toBe(
      'healthy',
    )
    const blue = { requests: 100, errors: 0, p95: 8 }
    expect(
      judge(spec, 'green', { blue, green: { ...QUICK, requests: 100, errors: 0, p95: 58 } }).health,
    ).toBe('healthy')
    expect(judge(spec, 'green', { blue, green: { requests: 100, errors: 0, p95: 59 } }).health).toBe(
      'failing',
    )
  })
})
