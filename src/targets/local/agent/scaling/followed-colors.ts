import { COLORS, type Color, type Weights } from '../../../../model/color.ts'
import type { ServiceSpec } from '../../../../model/service-spec.ts'
import type { ServiceRef, Slot as SlotRef } from '../../../target.ts'
import type { Slot, Wanted } from '../slot.ts'

/** What scaling reads of a service: see `ServiceRuntime`. */
export interface ScaledService {
  readonly ref: ServiceRef
  readonly weights: Weights | undefined
  slot(color: Color): Pick<Slot, 'wanted' | 'replaced' | 'readyGroups'>
}

/** A color that has users and scales by itself, as it is now. */
export interface Followed {
  readonly key: string
  readonly ref: SlotRef
  readonly wanted: Wanted
  readonly spec: ServiceSpec & Required<Pick<ServiceSpec, 'scaling'>>
  readonly weights: Weights
  readonly groups: readonly number[]
}

/** The colors whose number of instances follows their load. */
export function followedColors(services: readonly ScaledService[]): readonly Followed[] {
  return services.flatMap(service => COLORS.flatMap(color => followedColor(service, color) ?? []))
}

/** Undefined where the number is not ours: no users, nothing to scale by, or another release still being replaced. */
function followedColor(service: ScaledService, color: Color): Followed | undefined {
  const { weights } = service
  const { wanted, replaced, readyGroups } = service.slot(color)
  if (weights === undefined || weights[color] === 0 || wanted === undefined || replaced.length > 0)
    return undefined
  const { spec } = wanted.provision.workload
  if (spec.scaling === undefined) return undefined
  const ref = { ...service.ref, color }
  const key = JSON.stringify([ref.environment, ref.service, color])
  return { key, ref, wanted, spec: { ...spec, scaling: spec.scaling }, weights, groups: readyGroups }
}

/** Whether what its processes take matters: reading that takes a moment. */
export function isMeasured({ spec: { scaling } }: Followed): boolean {
  return scaling.cpu !== undefined || scaling.memory !== undefined
}
