import { COLORS, type Color, type Weights } from '../../src/model/color.ts'
import type { Observation, SlotObservation } from '../../src/model/observation.ts'
import type { ServiceRef } from '../../src/targets/target.ts'

/** What engines were told of a color, and when. */
export type Sighting = SlotObservation & { readonly at: number }

/** What engines had been told of a service when they decided. */
export interface Known {
  readonly slots: { readonly [color in Color]?: Sighting }
  readonly weights?: Weights
}

/** Everything that targets told engines, the latest of each. */
export interface Sightings {
  observed(ref: ServiceRef, observation: Observation, now: number): void
  of(ref: ServiceRef): Known
}

export function createSightings(): Sightings {
  const services = new Map<string, Known>()
  const keyOf = ({ environment, service }: ServiceRef): string => `${environment}/${service}`
  return {
    of: ref => services.get(keyOf(ref)) ?? { slots: {} },
    observed(ref, { slots, weights }, now) {
      const seen = COLORS.flatMap(color => {
        const slot = slots[color]
        return slot === undefined ? [] : [[color, { ...slot, at: now }] as const]
      })
      const { slots: before } = services.get(keyOf(ref)) ?? { slots: {} }
      services.set(keyOf(ref), {
        slots: { ...before, ...Object.fromEntries(seen) },
        ...(weights === undefined ? {} : { weights }),
      })
    },
  }
}
