import { expect, it } from 'vitest'
import { report, simulate } from './simulate.ts'

/** Another range than the one that mutants are looked for in; any failure here replays by its seed. */
const FIRST = 10_000
const SEEDS = 1500

it.each([0, 1])('keeps every promise in simulated histories, part %i', { timeout: 900_000 }, async part => {
  const { failure, seeds } = await simulate({
    first: FIRST + part * SEEDS,
    count: SEEDS,
    isShrunk: true,
    tell: () => {},
  })
  expect(failure && report(failure)).toBeUndefined()
  expect(seeds).toBe(SEEDS)
})
