import { COLORS, type Color } from '../../../model/color.ts'
import { COLOR_LABEL } from '../../../render/kubernetes/labels.ts'
import type { EndpointSlice } from '../live-objects.ts'
import type { ServiceView } from '../service-view.ts'

/** Instances behind a Service that get its new connections. */
export interface ReadyEndpoints {
  readonly blue: number
  readonly green: number
  /** Names of those that are of no color, or of pods that are gone. */
  readonly strangers: readonly string[]
}

export function readyEndpoints(view: ServiceView, service: string): ReadyEndpoints {
  const colors = new Map(view.pods.map(({ metadata }) => [metadata.uid, metadata.labels?.[COLOR_LABEL]]))
  const slices: readonly EndpointSlice[] = view.endpoints.get(service) ?? []
  const ready = slices
    .flatMap(({ endpoints = [] }) => endpoints)
    .filter(({ conditions }) => conditions?.ready !== false)
    .map(({ targetRef }) => ({
      name: targetRef?.name ?? 'an address',
      color: colors.get(targetRef?.uid ?? ''),
    }))
  const count = (color: Color): number => ready.filter(each => each.color === color).length
  const isStranger = (color: string | undefined): boolean => !COLORS.map(String).includes(color ?? '')
  return {
    blue: count('blue'),
    green: count('green'),
    strangers: ready.filter(({ color }) => isStranger(color)).map(({ name }) => name),
  }
}
