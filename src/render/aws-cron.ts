/**
 * Five fields of cron in the six of AWS ("Schedule expressions", EventBridge, Application Auto Scaling, AWS Backup):
 * weekdays by name, because AWS counts them from 1; `?` for the one of day of month and day of week that does not matter;
 * any year. AWS has no "the 13th or a Friday", so a schedule that restricts both becomes two that are due on either.
 */
export function awsCron(expression: string): readonly string[] {
  const [minute = '*', hour = '*', day = '*', month = '*', weekday = '*'] = expression.trim().split(/\s+/)
  const time = `${numbers(minute, MINUTES)} ${numbers(hour, HOURS)}`
  const months = numbers(named(month, MONTH_NAMES, 1), MONTHS)
  const byDay = `cron(${time} ${numbers(day, DAYS)} ${months} ? *)`
  const byWeekday = `cron(${time} ? ${months} ${weekdays(weekday)} *)`
  if (weekday === '*') return [byDay]
  return day === '*' ? [byWeekday] : [byDay, byWeekday]
}

interface Range {
  readonly from: number
  readonly to: number
}

const MINUTES: Range = { from: 0, to: 59 }
const HOURS: Range = { from: 0, to: 23 }
const DAYS: Range = { from: 1, to: 31 }
const MONTHS: Range = { from: 1, to: 12 }
/** 0 and 7 are Sunday. */
const CRON_WEEKDAYS: Range = { from: 0, to: 7 }

const MONTH_NAMES = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const WEEKDAY_NAMES = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

function named(field: string, names: readonly string[], first: number): string {
  return field.replaceAll(/[a-z]{3}/gi, name => String(names.indexOf(name.toUpperCase()) + first))
}

function numbers(field: string, range: Range): string {
  const values = valuesOf(field, range)
  if (values.length === range.to - range.from + 1) return '*'
  return evenly(values, range) ?? runsOf(values).map(shown).join(',')
}

function weekdays(field: string): string {
  const values = valuesOf(named(field, WEEKDAY_NAMES, 0), CRON_WEEKDAYS).map(value => value % 7)
  const days = [...new Set(values)].toSorted((a, b) => a - b)
  if (days.length === 7) return '*'
  return runsOf(days)
    .map(({ from, to }) => [...new Set([from, to])].map(day => WEEKDAY_NAMES[day]).join('-'))
    .join(',')
}

/** Every value that the field means, from the least to the greatest. */
function valuesOf(field: string, range: Range): readonly number[] {
  const values = field.split(',').flatMap(part => {
    const [span = '*', step] = part.split('/')
    const [from, to] = span === '*' ? [range.from, range.to] : span.split('-').map(Number)
    return every({ from: from ?? range.from, to: to ?? from ?? range.to, step: Number(step ?? 1) })
  })
  return [...new Set(values)].toSorted((a, b) => a - b)
}

function every({ from, to, step }: Range & { readonly step: number }): readonly number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step)
}

/** `0/15`: AWS has steps from a first value to the end of the range, and is not documented to have them within others. */
function evenly(values: readonly number[], range: Range): string | undefined {
  const [first, second] = values
  if (first === undefined || second === undefined || values.length < 3) return undefined
  const step = second - first
  const expected = every({ from: first, to: range.to, step })
  const same =
    step > 1 && expected.length === values.length && expected.every((one, at) => one === values[at])
  return same ? `${first}/${step}` : undefined
}

function runsOf(values: readonly number[]): readonly Range[] {
  const runs: Range[] = []
  for (const value of values) {
    const last = runs.at(-1)
    if (last !== undefined && last.to === value - 1) runs[runs.length - 1] = { from: last.from, to: value }
    else runs.push({ from: value, to: value })
  }
  return runs
}

function shown({ from, to }: Range): string {
  return from === to ? String(from) : `${from}-${to}`
}
