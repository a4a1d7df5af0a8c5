import type { Instant } from '../../model/instant.ts'
import { UserError } from '../../model/user-error.ts'

/** Leases hold by the clocks of servers: none may be further from the database's. */
export const CLOCK_TOLERANCE_MILLISECONDS = 2000
const READINGS = 3

export interface ClockReading {
  /** How far this machine's clock is ahead of the database's, in milliseconds; negative: behind. */
  readonly ahead: number
  /** The truth lies within this many milliseconds of it: nobody knows when exactly the answer was made. */
  readonly give: number
}

/** Asks the database for its time once. */
export async function readClock(ask: () => Promise<Instant>, now: () => Instant): Promise<ClockReading> {
  const before = now()
  const there = await ask()
  const after = now()
  return { ahead: (before + after) / 2 - there, give: (after - before) / 2 }
}

/** Fails with a `UserError` where this machine's clock is surely too far from the database's for leases to hold. */
export async function refuseWrongClock(
  name: string,
  ask: () => Promise<Instant>,
  now: () => Instant,
): Promise<void> {
  const readings: ClockReading[] = []
  for (let reading = 0; reading < READINGS; reading += 1) readings.push(await readClock(ask, now))
  const wrong = readings.toSorted((a, b) => a.give - b.give).slice(0, 1)
  for (const reading of wrong.filter(isWrong)) throw new UserError(name, inWords(reading), 'set both by NTP')
}

/** Whether the clocks differ by more than allowed, however the reading is taken. */
export function isWrong({ ahead, give }: ClockReading): boolean {
  return Math.abs(ahead) - give > CLOCK_TOLERANCE_MILLISECONDS
}

export function inWords({ ahead }: ClockReading): string {
  const seconds = (Math.abs(ahead) / 1000).toFixed(1)
  return `the clock here is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} the database's, and leases allow ${CLOCK_TOLERANCE_MILLISECONDS / 1000} s`
}
