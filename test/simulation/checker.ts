import type { Change } from '../../src/engine/ports.ts'
import type { AuditEntry } from '../../src/model/audit-event.ts'
import { COLORS } from '../../src/model/color.ts'
import type { Observation } from '../../src/model/observation.ts'
import type { Policy } from '../../src/model/policy.ts'
import type { ServiceRef } from '../../src/targets/target.ts'
import { type ActChecks, createActChecks } from './act-checks.ts'
import type { Fleet } from './fleet.ts'
import type { Kept } from './memory-store.ts'
import { checkRecord } from './record-checks.ts'
import { createSightings } from './sightings.ts'
import type { Violate, Violation } from './violation.ts'
import type { World } from './world.ts'

/** Looks at everything that is recorded and done, knowing what really runs. */
export interface Checker extends ActChecks {
  /** The first one. */
  readonly violation: Violation | undefined
  violate: Violate
  recorded(changes: readonly Change[], entries: readonly AuditEntry[]): void
  observed(ref: ServiceRef, observation: Observation): void
  /** What must hold at any moment. */
  always(): void
}

export function createChecker(around: {
  readonly world: World
  readonly kept: Kept
  readonly fleet: Fleet
  readonly policy: Policy
}): Checker {
  const { fleet, world } = around
  const sightings = createSightings()
  let violation: Violation | undefined
  const violate: Violate = (invariant, what) => {
    violation ??= { invariant, what }
  }
  const known = { ...around, sightings, violate }
  return {
    ...createActChecks(known),
    get violation() {
      return violation
    },
    violate,
    recorded: (changes, entries) => checkRecord(known, changes, entries),
    observed: (ref, observation) => sightings.observed(ref, observation, world.now()),
    always() {
      for (const service of fleet.all()) {
        const { environment, weights } = service
        if (weights === undefined) continue
        const place = `${environment}/${service.service}`
        if (weights.blue + weights.green !== 100)
          violate('weights sum to 100', `${place} ${JSON.stringify(weights)}`)
        for (const color of COLORS) {
          if (weights[color] === 0 || service.slots[color]?.mayDie === true) continue
          if (fleet.answering(service, color) === 0)
            violate(
              'users always have somebody to answer',
              `${place}: ${weights[color]} % on ${color}, where nobody is ready`,
            )
        }
      }
    },
  }
}
