import type { IngressRule } from '../../model/service-spec.ts'
import { slotName } from '../names.ts'
import { albAnnotations } from './alb-annotations.ts'
import type { OrderedRules } from './ingress-order.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { metadata } from './metadata.ts'
import { certificateHosts, isAlb, isWeighted, type RoutePlan } from './route-plan.ts'
import type { ServicePlan } from './service-plan.ts'
import { PORT_NAME } from './services.ts'

/** In place of a port: the action of the annotation under the Service's name. */
export const ACTION_PORT = 'use-annotation'

/** The way in for users; none for a service that only others call. */
export function ingresses(plan: ServicePlan, route: RoutePlan): readonly KubernetesObject[] {
  if (plan.spec.ingress.length === 0) return []
  const ordered = isAlb(route) ? route.order.get(plan.service) : undefined
  return (ordered ?? [{ order: 1, rules: plan.spec.ingress }]).map((rules, index) =>
    // No service has a dot in its name, so this name is nobody else's.
    ingress(plan, route, { ...rules, name: index === 0 ? plan.service : `${plan.service}.${index + 1}` }),
  )
}

function ingress(
  plan: ServicePlan,
  route: RoutePlan,
  { name, order, rules }: OrderedRules & { readonly name: string },
): KubernetesObject {
  const hosts = isAlb(route) ? certificateHosts(rules, route) : []
  const byHost = Map.groupBy(rules, ({ host }) => host)
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: metadata(plan, name, isAlb(route) ? { annotations: albAnnotations(plan, route, order) } : {}),
    spec: {
      ingressClassName: route.ingressClass,
      tls: hosts.length === 0 ? undefined : [{ hosts }],
      rules: [...byHost].map(([host, each]) => ({ host, http: { paths: pathsOf(plan, route, each) } })),
    },
  }
}

function pathsOf(plan: ServicePlan, route: RoutePlan, rules: readonly IngressRule[]): readonly object[] {
  const service = backendOf(plan, route)
  return rules.map(({ path }) => ({ path, pathType: 'Prefix', backend: { service } }))
}

/** Weights stand in an annotation under the service's name; without them the Ingress names the Service that has the users. */
function backendOf(plan: ServicePlan, route: RoutePlan): object {
  if (!isWeighted(plan, route)) return { name: plan.service, port: { name: PORT_NAME } }
  return isAlb(route)
    ? { name: plan.service, port: { name: ACTION_PORT } }
    : { name: slotName(plan.service, plan.active), port: { name: PORT_NAME } }
}
