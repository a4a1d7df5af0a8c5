import type { EnvironmentSettings } from '../../blueprint/layer-environment.ts'
import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import type { ServiceSpec } from '../../model/service-spec.ts'
import { environmentName, fitName } from '../names.ts'
import { ingressOrder, type OrderedRules } from './ingress-order.ts'
import { NAME_LENGTH } from './kubernetes-object.ts'

interface Specified {
  readonly spec: ServiceSpec
}

/** What an environment's way in is made of. */
export interface RoutePlan {
  readonly switch: EnvironmentSettings['kubernetes']['switch']
  readonly ingressClass: string
  /** `namespace/name`, or the name of one in the same namespace. */
  readonly gateway: string | undefined
  readonly internal: boolean
  /** Ingresses of one group share a load balancer. */
  readonly group: string
  readonly host: string | undefined
  readonly certificateArn: string | undefined
  /** Rules of each service, in an order of Ingresses that lets the more exact one win. */
  readonly order: ReadonlyMap<string, readonly OrderedRules[]>
}

export function routePlan(
  { project }: Pick<ResolvedBlueprint, 'project'>,
  { name, settings, services }: ResolvedEnvironment,
): RoutePlan {
  const { kubernetes, loadBalancer, dns } = settings
  return {
    switch: kubernetes.switch,
    ingressClass: kubernetes.ingressClass,
    gateway: kubernetes.gateway,
    internal: loadBalancer.internal,
    group: loadBalancer.group ?? fitName(environmentName(project, name), NAME_LENGTH),
    host: dns?.host,
    certificateArn: dns?.certificate,
    order: ingressOrder(new Map(services.map(service => [service.name, service.spec.ingress]))),
  }
}

const ALB = 'alb'

/** The AWS Load Balancer Controller makes the way in. */
export const isAlb = ({ switch: way, ingressClass }: Pick<RoutePlan, 'switch' | 'ingressClass'>): boolean =>
  way !== 'gateway' && ingressClass === ALB

/** Users are moved by weights on the load balancer, not by the selector of a Service. */
export function isWeighted({ spec }: Specified, { switch: way }: RoutePlan): boolean {
  return spec.rollout.strategy !== 'rolling' && way !== 'service'
}

/** Whether HTTPS can be served: a certificate is named, or found by the controller among those of a host. */
export function hasCertificate({ spec }: Specified, route: RoutePlan): boolean {
  return route.certificateArn !== undefined || certificateHosts(spec.ingress, route).length > 0
}

/** Names by which the controller looks for a certificate. */
export function certificateHosts(
  rules: ServiceSpec['ingress'],
  { certificateArn, host }: RoutePlan,
): readonly string[] {
  if (certificateArn !== undefined) return []
  const hosts = rules.map(rule => rule.host ?? host)
  return [...new Set(hosts)].filter(each => each !== undefined).toSorted()
}
