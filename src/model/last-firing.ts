import { Cron } from 'croner'
import type { Instant } from './instant.ts'

/** When a schedule last fired, at this moment or before; undefined when it never did. Firings are on whole minutes. */
export function lastFiring(
  { cron, timezone }: { readonly cron: string; readonly timezone: string },
  now: Instant,
): Instant | undefined {
  const schedule = new Cron(cron, { timezone, paused: true })
  // `previousRuns` leaves out its reference and counts in whole seconds.
  const second = Math.floor(now / 1000) * 1000
  const [fired] = schedule.previousRuns(1, new Date(second + 1000))
  return fired?.getTime()
}
