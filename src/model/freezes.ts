import type { Instant } from './instant.ts'
import { lastFiring } from './last-firing.ts'
import type { Freeze, FreezeWindow } from './policy.ts'

export interface ActiveFreeze {
  readonly name: string
  readonly reason: string
  /** Undefined: until somebody lifts it. */
  readonly until?: Instant
}

/** The freezes that hold in an environment at a moment, by schedule and by declaration. */
export function activeFreezes(
  environment: { readonly name: string; readonly freezes: readonly FreezeWindow[] },
  declared: readonly Freeze[],
  now: Instant,
): readonly ActiveFreeze[] {
  const scheduled = environment.freezes.flatMap(window => activeWindow(window, now) ?? [])
  const byPeople = declared
    .filter(freeze => holds(freeze, environment.name, now))
    .map(freeze => ({
      name: freeze.id,
      reason: `${freeze.reason} (${freeze.by})`,
      ...(freeze.until === undefined ? {} : { until: freeze.until }),
    }))
  return [...scheduled, ...byPeople]
}

function holds(freeze: Freeze, environment: string, now: Instant): boolean {
  const here = freeze.environment === undefined || freeze.environment === environment
  const over = freeze.liftedAt !== undefined || (freeze.until !== undefined && freeze.until <= now)
  return here && !over && freeze.from <= now
}

/** A window holds from each firing of its schedule for its duration, the end excluded. */
function activeWindow(window: FreezeWindow, now: Instant): ActiveFreeze | undefined {
  const started = lastFiring(window, now)
  if (started === undefined) return undefined
  const until = started + window.durationSeconds * 1000
  return until <= now ? undefined : { name: window.name, reason: `freeze window ${window.name}`, until }
}
