import type { Instant } from '../../../../model/instant.ts'
import { lastFiring } from '../../../../model/last-firing.ts'
import type { ScalingSchedule, ScalingSpec } from '../../../../model/service-spec.ts'

export interface Limits {
  readonly min: number
  readonly max: number
  /** The schedule that set them; undefined for the usual ones. */
  readonly schedule?: string
}

/**
 * How many instances there may be now: as the schedule says that fired last, the usual ones before any has. At the same
 * moment one that asks for other limits goes before one that ends and restores the usual ones, then the later in the list.
 */
export function limitsAt(policy: ScalingSpec, now: Instant): Limits {
  const fired = policy.schedules.flatMap((schedule, place) => {
    const at = lastFiring(schedule, now)
    return at === undefined ? [] : [{ schedule, at, place }]
  })
  const [last] = fired.toSorted(
    (a, b) =>
      b.at - a.at ||
      Number(isUsual(policy, a.schedule)) - Number(isUsual(policy, b.schedule)) ||
      b.place - a.place,
  )
  if (last === undefined || isUsual(policy, last.schedule)) return atLeastOne(policy)
  return { ...atLeastOne(last.schedule), schedule: last.schedule.name }
}

function isUsual(policy: ScalingSpec, { min, max }: ScalingSchedule): boolean {
  return min === policy.min && max === policy.max
}

/** Without instances nothing is measured, so nothing would ever be started again. */
function atLeastOne({ min, max }: { readonly min: number; readonly max: number }): Limits {
  return { min: Math.max(min, 1), max: Math.max(max, 1) }
}
