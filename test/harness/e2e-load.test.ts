import { expect, it } from 'vitest'
import type { Answer } from '../../src/cli/demo/load.ts'
import { type Stay, unexplained } from './e2e-load.ts'

const STAYS: readonly Stay[] = [
  { release: 'r-1', color: 'blue', calledAt: 0, confirmedAt: 0 },
  { release: 'r-2', color: 'green', calledAt: 100, confirmedAt: 120 },
  { release: 'r-1', color: 'blue', calledAt: 200, confirmedAt: 220 },
]

function answer(release: string, color: string, sentAt: number, at: number): Answer {
  return { release, color, sentAt, at, status: 200, milliseconds: at - sentAt }
}

it('explains what was in flight while users moved, and answers of either color between call and confirmation', () => {
  const answers = [
    answer('r-1', 'blue', 99, 150),
    answer('r-1', 'blue', 101, 110),
    answer('r-2', 'green', 105, 112),
    answer('r-2', 'green', 150, 151),
    answer('r-1', 'blue', 205, 206),
  ]
  expect(unexplained(answers, STAYS)).toEqual([])
})

it.each([
  ['by the old release to a request sent after the switch was confirmed', answer('r-1', 'blue', 121, 130)],
  ['by the new release before it was called for', answer('r-2', 'green', 90, 99)],
  ['by the new release long after the rollback', answer('r-2', 'green', 221, 230)],
  ['by a release in another color than it has', answer('r-2', 'blue', 150, 151)],
  ['by nobody', answer('', '', 150, 151)],
])('does not explain an answer %s', (_what, wrong) => {
  expect(unexplained([wrong], STAYS)).toEqual([wrong])
})

it('does not explain the old release once the new one has answered, even before the confirmation', () => {
  const late = answer('r-1', 'blue', 111, 113)
  expect(unexplained([answer('r-2', 'green', 105, 110), late], STAYS)).toEqual([late])
})
