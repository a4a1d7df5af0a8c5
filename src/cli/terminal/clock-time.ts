import type { Instant } from '../../model/instant.ts'

/** Time of day here: `12:34:56`. */
export function clockTime(instant: Instant): string {
  const date = new Date(instant)
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map(part => String(part).padStart(2, '0'))
    .join(':')
}

/** Date and time here to the minute: `2026-05-04 12:34`. */
export function dateTime(instant: Instant): string {
  const date = new Date(instant)
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(part =>
    String(part).padStart(2, '0'),
  )
  return `${day.join('-')} ${clockTime(instant).slice(0, 5)}`
}
