import { COLORS } from '../../model/color.ts'
import { slotName } from '../names.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { metadata } from './metadata.ts'
import { isWeighted, type RoutePlan } from './route-plan.ts'
import type { ServicePlan } from './service-plan.ts'
import { STABLE_PORT } from './services.ts'

/** Gateway API: a route has at most 16 host names, and a rule at most 64 matches. */
const MOST_HOSTS = 16
const MOST_MATCHES = 64

/** The way in for users where a Gateway stands: one route for all hosts that have the same paths. */
export function httpRoutes(plan: ServicePlan, route: RoutePlan): readonly KubernetesObject[] {
  return routeGroups(plan).map(({ hosts, paths }, index) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: metadata(plan, index === 0 ? plan.service : `${plan.service}.${index + 1}`),
    spec: {
      parentRefs: [parentOf(route.gateway ?? '')],
      hostnames: hosts,
      rules: chunks(paths, MOST_MATCHES).map(each => ({
        matches: each.map(value => ({ path: { type: 'PathPrefix', value } })),
        backendRefs: backends(plan, route),
      })),
    },
  }))
}

interface RouteGroup {
  /** Undefined for every host. */
  readonly hosts: readonly string[] | undefined
  readonly paths: readonly string[]
}

function routeGroups({ spec }: ServicePlan): readonly RouteGroup[] {
  const byHost = [...Map.groupBy(spec.ingress, ({ host }) => host)].map(([host, rules]) => ({
    host,
    paths: rules.map(({ path }) => path).toSorted(),
  }))
  const samePaths = Map.groupBy(byHost, ({ host, paths }) => JSON.stringify([host === undefined, paths]))
  return [...samePaths.values()].flatMap((group): readonly RouteGroup[] => {
    const paths = group[0]?.paths ?? []
    const hosts = group.flatMap(({ host }) => host ?? []).toSorted()
    if (hosts.length === 0) return [{ hosts: undefined, paths }]
    return chunks(hosts, MOST_HOSTS).map(each => ({ hosts: each, paths }))
  })
}

function parentOf(gateway: string): object {
  const slash = gateway.indexOf('/')
  return {
    group: 'gateway.networking.k8s.io',
    kind: 'Gateway',
    ...(slash === -1 ? {} : { namespace: gateway.slice(0, slash) }),
    name: gateway.slice(slash + 1),
  }
}

function backends(plan: ServicePlan, route: RoutePlan): readonly object[] {
  if (!isWeighted(plan, route)) return [backend(plan.service, 100)]
  return COLORS.map(color => backend(slotName(plan.service, color), plan.weights[color]))
}

function backend(name: string, weight: number): object {
  return { group: '', kind: 'Service', name, port: STABLE_PORT, weight }
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return items.length <= size ? [items] : [items.slice(0, size), ...chunks(items.slice(size), size)]
}
