import type { Log } from '../engine/parts.ts'
import type { Clock } from '../engine/ports.ts'

/** A line that nobody wrote for this long is news when it comes again. */
const QUIET_MILLISECONDS = 30_000
/** What goes on is told again this often. */
const REMINDER_MILLISECONDS = 600_000
const MOST_LINES = 1000

interface Told {
  at: number
  lastAt: number
  repeated: number
}

/**
 * Writes a line that says the same as one before once for as long as it goes on, then now and again with how often it
 * was said: the engine tries again every second, and an outage of an hour must not fill the disk.
 */
export function withoutRepeats(log: Log, clock: Clock): Log {
  const told = new Map<string, Told>()
  const say = (level: keyof Log) => (facts: Readonly<Record<string, unknown>>, message: string) => {
    const key = JSON.stringify([level, message, facts])
    const now = clock.now()
    const known = told.get(key)
    if (known !== undefined && isRepeat(known, now)) {
      known.lastAt = now
      known.repeated += 1
      return
    }
    if (told.size >= MOST_LINES) told.clear()
    told.set(key, { at: now, lastAt: now, repeated: 0 })
    const repeated = known?.repeated ?? 0
    log[level](repeated === 0 ? facts : { ...facts, repeated }, message)
  }
  return { info: say('info'), warn: say('warn'), error: say('error') }
}

function isRepeat({ at, lastAt }: Told, now: number): boolean {
  return now - lastAt < QUIET_MILLISECONDS && now - at < REMINDER_MILLISECONDS
}
