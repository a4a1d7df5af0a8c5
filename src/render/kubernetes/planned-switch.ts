import { type SwitchedService, sharesUsers, switchProblems } from '../../blueprint/kubernetes-switch.ts'
import type { ServiceSpec } from '../../model/service-spec.ts'
import type { RoutePlan } from './route-plan.ts'
import type { ServicePlan } from './service-plan.ts'

export { endingSeconds, REPLACEMENT_SECONDS } from '../../blueprint/kubernetes-switch.ts'

/** Whether users can be anywhere between the two colors; else they are all moved at once. */
export function sharesByWeight({ spec }: Pick<ServicePlan, 'spec'>, route: RoutePlan): boolean {
  return spec.rollout.strategy !== 'rolling' && sharesUsers(route, spec)
}

/** What a planned service asks for that the switch cannot do, in words with the remedy. */
export function plannedProblems({ spec }: Pick<ServicePlan, 'spec'>, route: RoutePlan): readonly string[] {
  return switchProblems(route, switchedService(spec)).map(
    ({ field, what, remedy }) => `${field}: ${what}; ${remedy}`,
  )
}

function switchedService({ ingress, graceSeconds, rollout }: ServiceSpec): SwitchedService {
  return {
    ingress,
    strategy: rollout.strategy,
    percents: rollout.steps.map(({ percent }) => percent),
    sticky: rollout.sticky,
    graceSeconds,
    drainSeconds: rollout.drain?.timeoutSeconds,
    shiftSeconds: rollout.deadlines.shift,
  }
}
