import { Cron } from 'croner'

/** Any fixed moment will do: whether a schedule ever fires does not depend on today. */
const REFERENCE = new Date('2024-01-01T00:00:00Z')

const FIELD = /^[0-9*,/\-A-Za-z]+$/

/** What is wrong with a five-field cron expression, in words; undefined when it is right and fires some day. */
export function cronProblem(expression: string): { what: string; remedy: string } | undefined {
  const fields = expression.trim().split(/\s+/)
  const form = 'write minute, hour, day of month, month and day of week, such as `0 19 * * FRI`'
  if (fields.length !== 5) return { what: `has ${fields.length} fields instead of 5`, remedy: form }
  const odd = fields.find(field => !FIELD.test(field) || /[LW#]/.test(field.replaceAll(/[A-Z]{3}/gi, '')))
  if (odd !== undefined)
    return { what: `${JSON.stringify(odd)} is no field of a cron expression`, remedy: form }
  try {
    const next = new Cron(expression, { paused: true, timezone: 'UTC' }).nextRun(REFERENCE)
    if (next !== null) return undefined
  } catch (error) {
    return { what: inWords(error), remedy: form }
  }
  return { what: `${JSON.stringify(expression)} never fires`, remedy: 'choose a day that the month has' }
}

function inWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const text = message.replace(/^CronPattern: /, '')
  return `is no cron expression: ${text.charAt(0).toLowerCase()}${text.slice(1)}`
}

/** True for a name of the IANA time zone database; offsets such as +08:00 know no daylight saving and are refused. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
