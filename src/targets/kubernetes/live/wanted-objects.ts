import { COLORS, type Color } from '../../../model/color.ts'
import type { Workload } from '../../../model/release.ts'
import { configMaps, serviceConfig } from '../../../render/kubernetes/config-maps.ts'
import { deployment } from '../../../render/kubernetes/deployment.ts'
import type { KubernetesObject } from '../../../render/kubernetes/kubernetes-object.ts'
import { stateObjects } from '../../../render/kubernetes/service-objects.ts'
import type { Expected } from '../../target.ts'
import type { ClusterObject } from '../api/cluster-object.ts'
import type { Deployment } from '../live-objects.ts'
import { releasedIn } from '../observe-service.ts'
import { activeColor, moreOf, releasePlan } from '../release-plan.ts'
import type { ServiceView } from '../service-view.ts'
import { replicasOf } from '../set-replicas.ts'
import { REPLACED_ANNOTATION } from '../switching/replace-gently.ts'
import type { TargetParts } from '../target-parts.ts'

/**
 * All objects of a service as they should be. Secrets are left out, for nothing here may read them: they never change
 * under their names. The number of instances is what it is: an autoscaler or a person on duty sets it by right.
 */
export async function wantedObjects(
  { environment, way }: TargetParts,
  view: ServiceView,
  expected: Expected,
): Promise<readonly KubernetesObject[]> {
  const weights = expected.weights ?? view.ledger?.move?.weights
  const active = weights === undefined ? activeColor(view.ledger, 'blue') : moreOf(weights, 'blue')
  const workloads = await workloadsIn(view, expected)
  const colors = COLORS.flatMap(color => {
    const workload = workloads[color]
    if (workload === undefined) return []
    const plan = releasePlan(environment, workload, active)
    const config = serviceConfig(plan)
    const present = view.deployments[color]
    const replicas = present === undefined ? 0 : replicasOf(present)
    return [...configMaps(plan, config), asReplaced(deployment(plan, { color, config, replicas }), present)]
  })
  const serving: Workload | undefined = workloads[active]
  if (serving === undefined) return once(colors)
  const plan = releasePlan(environment, serving, active)
  const routes = weights === undefined ? [] : way.objects(plan, weights, view)
  return once([...stateObjects(plan), ...colors, ...routes])
}

/** Also of a color without instances: what somebody changed there stands in the way of the next release. */
async function workloadsIn(
  { deployments, ledger }: ServiceView,
  { workloadOf }: Expected,
): Promise<{ readonly [color in Color]?: Workload }> {
  const found = await Promise.all(
    COLORS.map(async color => {
      const present = deployments[color]
      const release = (present && releasedIn(present).release) ?? ledger?.colors[color]?.release
      return [color, release && (await workloadOf(release))] as const
    }),
  )
  return Object.fromEntries(found.filter(([, workload]) => workload !== undefined))
}

/** That its instances were replaced after users left is no difference: without the mark all would be replaced again. */
function asReplaced(wanted: KubernetesObject, present: ClusterObject | undefined): KubernetesObject {
  const mark = (present as Deployment | undefined)?.spec.template.metadata?.annotations?.[REPLACED_ANNOTATION]
  if (mark === undefined) return wanted
  const { spec } = wanted as KubernetesObject & Pick<Deployment, 'spec'>
  const metadata = spec.template.metadata
  const annotations = { ...metadata?.annotations, [REPLACED_ANNOTATION]: mark }
  return {
    ...wanted,
    spec: { ...spec, template: { ...spec.template, metadata: { ...metadata, annotations } } },
  }
}

/** Both colors may share a ConfigMap, and a way to move users may bring what every service has. */
function once(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return [...new Map(objects.map(each => [`${each.kind} ${each.metadata.name}`, each])).values()]
}
