import { COLORS } from '../../model/color.ts'
import { autoscaler, scales } from './autoscaler.ts'
import { configMaps, serviceConfig } from './config-maps.ts'
import { deployment } from './deployment.ts'
import { disruptionBudget } from './disruption-budget.ts'
import { httpRoutes } from './http-routes.ts'
import { ingresses } from './ingress.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import type { RoutePlan } from './route-plan.ts'
import { secretProviderClasses } from './secret-provider-classes.ts'
import { serviceAccount } from './service-account.ts'
import type { ServicePlan } from './service-plan.ts'
import { colorService, previewService, stableService } from './services.ts'

/** What a service has whatever runs: it can be applied at any time, in the middle of a rollout as well. */
export function stateObjects(plan: ServicePlan): readonly KubernetesObject[] {
  return [
    serviceAccount(plan),
    ...secretProviderClasses(plan),
    ...disruptionBudget(plan),
    ...(hasColors(plan) ? COLORS.map(color => colorService(plan, color)) : []),
  ]
}

/** What a release changes: applied once at the beginning, and the pipeline's own from then on. */
export function releaseObjects(plan: ServicePlan, route: RoutePlan): readonly KubernetesObject[] {
  const config = serviceConfig(plan)
  const colors = hasColors(plan) ? COLORS : [plan.active]
  return [
    ...configMaps(plan, config),
    ...colors.map(color =>
      deployment(plan, { color, config, replicas: color === plan.active ? activeReplicas(plan) : 0 }),
    ),
    ...autoscaler(plan),
    stableService(plan),
    ...(hasColors(plan) ? [previewService(plan)] : []),
    ...waysIn(plan, route),
  ]
}

/** How users come in from outside; none for a service that only others call. */
export const waysIn = (plan: ServicePlan, route: RoutePlan): readonly KubernetesObject[] =>
  route.switch === 'gateway' ? httpRoutes(plan, route) : ingresses(plan, route)

/** Rolling replaces in place: there is one color. */
export function hasColors({ spec }: Pick<ServicePlan, 'spec'>): boolean {
  return spec.rollout.strategy !== 'rolling'
}

/** Nobody could start an image that nobody knows; the autoscaler keeps its hands off a Deployment of 0. */
function activeReplicas(plan: ServicePlan): number | undefined {
  if (!plan.image.known) return 0
  return scales(plan) ? undefined : plan.spec.replicas
}
