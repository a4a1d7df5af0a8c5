import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Spread } from './spread.ts'

const percent = fc.integer({ min: 0, max: 100 })

function greensOf(spread: Spread, requests: number): number {
  let greens = 0
  for (let i = 0; i < requests; i++) if (spread.next() === 'green') greens++
  return greens
}

describe('Spread', () => {
  it('splits any 100 consecutive requests exactly, whatever the weights and whatever was before', () => {
    const before = fc.array(fc.record({ green: percent, requests: fc.nat(250) }), { maxLength: 6 })
    fc.assert(
      fc.property(before, percent, fc.nat(300), (changes, green, skipped) => {
        const spread = new Spread()
        for (const change of changes) {
          spread.set({ blue: 100 - change.green, green: change.green })
          greensOf(spread, change.requests)
        }
        spread.set({ blue: 100 - green, green })
        greensOf(spread, skipped)
        expect(greensOf(spread, 100)).toBe(green)
      }),
    )
  })

  it('never chooses a color of weight 0, from the very next request on', () => {
    fc.assert(
      fc.property(
        percent,
        fc.nat(250),
        fc.constantFrom('blue' as const, 'green' as const),
        (green, skipped, color) => {
          const spread = new Spread()
          spread.set({ blue: 100 - green, green })
          greensOf(spread, skipped)
          spread.set(color === 'blue' ? { blue: 100, green: 0 } : { blue: 0, green: 100 })
          for (let i = 0; i < 120; i++) expect(spread.next()).toBe(color)
        },
      ),
    )
  })

  it('spreads a weight evenly instead of in bursts', () => {
    const spread = new Spread()
    spread.set({ blue: 80, green: 20 })
    const chosen = Array.from({ length: 10 }, () => spread.next())
    expect(chosen.join(' ')).toBe('blue blue blue blue green blue blue blue blue green')
  })

  it('refuses weights that are not whole percents summing to 100', () => {
    for (const [blue, green] of [
      [50, 49],
      [101, -1],
      [0.5, 99.5],
      [Number.NaN, 100],
    ] as const) {
      expect(() => new Spread().set({ blue, green })).toThrow(RangeError)
    }
  })
})
