import { formatWeights, type Weights } from '../../../model/color.ts'
import { autoscaler } from '../../../render/kubernetes/autoscaler.ts'
import type { KubernetesObject } from '../../../render/kubernetes/kubernetes-object.ts'
import { sharesByWeight } from '../../../render/kubernetes/planned-switch.ts'
import { isWeighted, type RoutePlan } from '../../../render/kubernetes/route-plan.ts'
import { hasColors, waysIn } from '../../../render/kubernetes/service-objects.ts'
import type { ServicePlan } from '../../../render/kubernetes/service-plan.ts'
import { previewService, stableService } from '../../../render/kubernetes/services.ts'
import type { ServiceView } from '../service-view.ts'
import { leftOverRoutes } from './left-over-routes.ts'
import { fullColor, stableColor } from './live-traffic.ts'
import { withKeptParents } from './parents.ts'

/**
 * All that sends users to colors. Those who call the service inside of the cluster, its autoscaler and the preview follow
 * when one color has all users: until then they stay with the color that had all of them before.
 */
export function trafficObjects(
  given: ServicePlan,
  route: RoutePlan,
  o: { readonly weights: Weights; readonly view: ServiceView },
): readonly KubernetesObject[] {
  const { weights, view } = o
  const full = fullColor(weights)
  if (full === undefined && !sharesByWeight(given, route)) {
    throw new Error(`${given.service} sends all users at once: it cannot have ${formatWeights(weights)}`)
  }
  const plan: ServicePlan = { ...given, weights, active: full ?? stableColor(view) ?? given.active }
  const inside = [stableService(plan), ...(hasColors(plan) ? [previewService(plan)] : [])]
  const outside = [
    ...waysIn(plan, route).map(each => withKeptParents(each, view)),
    ...leftOverRoutes(plan, route, view),
  ]
  // What users are moved by comes first, so that nobody is moved by halves for longer than need be.
  const moved = isWeighted(plan, route) ? [...outside, ...inside] : [...inside, ...outside]
  return [...moved, ...autoscaler(plan)]
}
