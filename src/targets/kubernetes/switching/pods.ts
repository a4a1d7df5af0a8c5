import type { Color } from '../../../model/color.ts'
import { COLOR_LABEL } from '../../../render/kubernetes/labels.ts'
import { conditionOf, isTrue, type Pod } from '../live-objects.ts'
import type { ServiceView } from '../service-view.ts'

/** All pods of the service, or those of one color. */
export function podsOf(view: ServiceView, color?: Color): readonly Pod[] {
  const pods = view.pods as readonly Pod[]
  return color === undefined ? pods : pods.filter(({ metadata }) => metadata.labels?.[COLOR_LABEL] === color)
}

/** Those of a color that are not on their way out. Readiness gates count: Kubernetes reckons them in. */
export function readyPods(view: ServiceView, color: Color): readonly Pod[] {
  return podsOf(view, color).filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined && isTrue(conditionOf(status?.conditions, 'Ready')),
  )
}
