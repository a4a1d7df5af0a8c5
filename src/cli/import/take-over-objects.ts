import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { environmentPlan } from '../../render/kubernetes/environment-plan.ts'
import type { KubernetesObject } from '../../render/kubernetes/kubernetes-object.ts'
import { releaseObjects, stateObjects } from '../../render/kubernetes/service-objects.ts'
import { servicePlan } from '../../render/kubernetes/service-plan.ts'

/** Objects that may be there already under a name that Sluice uses too; Deployments and ConfigMaps have names of their own. */
export function takeOverObjects(
  blueprint: Pick<ResolvedBlueprint, 'project'>,
  environment: ResolvedEnvironment,
): readonly KubernetesObject[] {
  const plan = environmentPlan(blueprint, environment)
  return environment.services.flatMap(({ name: service, spec, image = '' }) => {
    const planned = servicePlan(plan, { service, spec, image: { image, known: true } })
    return [...stateObjects(planned), ...releaseObjects(planned, plan.route)].filter(
      ({ kind }) => kind !== 'Deployment' && kind !== 'ConfigMap',
    )
  })
}
