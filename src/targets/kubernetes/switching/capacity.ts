import { type Color, otherColor } from '../../../model/color.ts'
import type { Move } from '../ledger.ts'
import type { Deployment } from '../live-objects.ts'
import type { ServiceView } from '../service-view.ts'
import { fullColor } from './live-traffic.ts'

export interface Instances {
  readonly color: Color
  readonly count: number
}

/**
 * How many instances a color has to be given before it gets all users: an autoscaler may have changed how many serve them
 * since the color came up. Undefined where it has enough.
 */
export function instancesNeeded(view: ServiceView, move: Move): Instances | undefined {
  const serving = instancesServing(view, move)
  return serving !== undefined && countOf(view, serving.color) < serving.count ? serving : undefined
}

/** As many as users have where they are now, for the color that gets all of them; undefined where nobody scales. */
export function instancesServing(view: ServiceView, { weights, newAt }: Move): Instances | undefined {
  const color = fullColor(weights)
  // Once users have moved the autoscaler knows best.
  if (color === undefined || newAt !== undefined || view.autoscaler === undefined) return undefined
  return { color, count: countOf(view, otherColor(color)) }
}

function countOf({ deployments }: ServiceView, color: Color): number {
  const live = deployments[color] as Deployment | undefined
  return live?.spec.replicas ?? 0
}
