import { Cron } from 'croner'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cronProblem } from '../blueprint/cron.ts'
import { awsCron } from './aws-cron.ts'

describe('a schedule in the six fields of AWS', () => {
  it.each([
    ['0 19 * * FRI', 'cron(0 19 ? * FRI *)'],
    ['0 20 * * MON-FRI', 'cron(0 20 ? * MON-FRI *)'],
    ['0 3 * * *', 'cron(0 3 * * ? *)'],
    ['*/15 9-17 1 */3 *', 'cron(0/15 9-17 1 1/3 ? *)'],
    ['5,10,12 0 1-7 JAN,jul *', 'cron(5,10,12 0 1-7 1,7 ? *)'],
    ['10-40/10 8 * * *', 'cron(10,20,30,40 8 * * ? *)'],
  ])('%s is %s', (expression, expected) => {
    expect(awsCron(expression)).toEqual([expected])
  })

  it('counts weekdays from Sunday 0 or 7 and names them, as AWS counts from 1', () => {
    expect(awsCron('0 8 * * 0')).toEqual(['cron(0 8 ? * SUN *)'])
    expect(awsCron('0 8 * * 7')).toEqual(['cron(0 8 ? * SUN *)'])
    expect(awsCron('0 8 * * 5-7')).toEqual(['cron(0 8 ? * SUN,FRI-SAT *)'])
    expect(awsCron('0 8 * * 0-6')).toEqual(['cron(0 8 ? * * *)'])
  })

  it('is two schedules where both days are restricted, because cron means either', () => {
    expect(awsCron('0 8 13 * FRI')).toEqual(['cron(0 8 13 * ? *)', 'cron(0 8 ? * FRI *)'])
  })

  it('is due exactly when the five fields are', () => {
    fc.assert(
      fc.property(expression, five => {
        if (cronProblem(five) !== undefined) return
        const six = awsCron(five).map(inFive)
        const due = [...new Set(six.flatMap(nextRuns))].toSorted((a, b) => a - b)
        expect(due.slice(0, 20)).toEqual(nextRuns(five).slice(0, 20))
      }),
      { numRuns: 500 },
    )
  })
})

const field = (from: number, to: number, names: readonly string[] = []) => {
  const value = fc.integer({ min: from, max: to })
  const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`)
  const step = fc
    .tuple(fc.oneof(fc.constant('*'), range), fc.integer({ min: 1, max: to }))
    .map(([span, by]) => `${span}/${by}`)
  const one = fc.oneof(
    value.map(String),
    range,
    step,
    ...(names.length > 0 ? [fc.constantFrom(...names)] : []),
  )
  return fc.oneof(
    fc.constant('*'),
    fc.array(one, { minLength: 1, maxLength: 3 }).map(parts => parts.join(',')),
  )
}

const expression = fc
  .tuple(
    field(0, 59),
    field(0, 23),
    field(1, 31),
    field(1, 12, ['JAN', 'dec']),
    field(0, 7, ['MON', 'SUN', 'fri']),
  )
  .map(fields => fields.join(' '))

const LAST = [59, 23, 31, 12]

/** The AWS form as the library for five fields reads it: no year, no `?`, steps with both ends. */
function inFive(six: string): string {
  const fields = six.slice('cron('.length, -' *)'.length).replace('?', '*').split(' ')
  return fields.map((text, at) => text.replace(/^(\d+)\//, `$1-${LAST[at]}/`)).join(' ')
}

/** The next 40 moments, in milliseconds: two schedules that are due together count once. */
function nextRuns(pattern: string): readonly number[] {
  const cron = new Cron(pattern, { paused: true, timezone: 'UTC' })
  return cron.nextRuns(40, new Date('2024-01-01T00:00:00Z')).map(Number)
}
