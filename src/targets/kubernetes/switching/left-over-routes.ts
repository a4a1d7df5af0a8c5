import { COLORS } from '../../../model/color.ts'
import { actionAnnotation } from '../../../render/kubernetes/alb-annotations.ts'
import type { KubernetesObject } from '../../../render/kubernetes/kubernetes-object.ts'
import { environmentLabels } from '../../../render/kubernetes/labels.ts'
import type { RoutePlan } from '../../../render/kubernetes/route-plan.ts'
import { waysIn } from '../../../render/kubernetes/service-objects.ts'
import type { ServicePlan } from '../../../render/kubernetes/service-plan.ts'
import { slotName } from '../../../render/names.ts'
import type { ClusterObject } from '../api/cluster-object.ts'
import type { ServiceView } from '../service-view.ts'
import { asApplied } from './as-applied.ts'
import type { BackendRef, HttpRoute, Ingress, IngressBackend } from './live-routes.ts'

/**
 * On a route that the release with most of the users does not ask for. Sluice may not delete routes: whoever owns the
 * namespace does, and until then its users are where all others are.
 */
const LEFT_OVER_ANNOTATION = 'sluice.dev/left-over'

export const isLeftOver = ({ metadata }: Pick<ClusterObject, 'metadata'>): boolean =>
  metadata.annotations?.[LEFT_OVER_ANNOTATION] === 'true'

/**
 * The live routes of the service that Sluice made and the plan has no more, with their own rules and the plan's weights:
 * users whom one of them still brings would stay behind on a color that ends.
 */
export function leftOverRoutes(
  plan: ServicePlan,
  route: RoutePlan,
  { routes }: Pick<ServiceView, 'routes'>,
): readonly KubernetesObject[] {
  const wanted = waysIn(plan, route).map(({ metadata }) => metadata.name)
  const own = Object.entries(environmentLabels(plan))
  const left = routes.filter(
    ({ metadata: { name, labels = {} } }) =>
      !wanted.includes(name) && own.every(([label, value]) => labels[label] === value),
  )
  if (left.length === 0) return []
  // What the release would write for any path tells how its users are sent.
  const spec = { ...plan.spec, ingress: [{ path: '/' }] }
  const [sample] = waysIn({ ...plan, spec }, { ...route, order: new Map() })
  return sample === undefined ? [] : left.map(live => sentLike(plan, live, sample))
}

function sentLike(plan: ServicePlan, live: ClusterObject, sample: KubernetesObject): KubernetesObject {
  const annotation = actionAnnotation(plan.service)
  const action = sample.metadata.annotations?.[annotation]
  const spec =
    live.kind === 'HTTPRoute'
      ? httpSpec(plan.service, live, sample as HttpRoute)
      : ingressSpec(plan.service, live, sample as Ingress)
  return asApplied(live, spec, {
    [LEFT_OVER_ANNOTATION]: 'true',
    ...(action === undefined ? {} : { [annotation]: action }),
  })
}

function httpSpec(service: string, { spec }: HttpRoute, sample: HttpRoute): object {
  const backends = sample.spec?.rules?.[0]?.backendRefs ?? []
  const rules = spec?.rules?.map(rule =>
    (rule.backendRefs ?? []).some(ref => isOwn(service, ref)) ? { ...rule, backendRefs: backends } : rule,
  )
  return { ...spec, rules }
}

function ingressSpec(service: string, { spec }: Ingress, sample: Ingress): object {
  const wanted = sample.spec?.rules?.[0]?.http?.paths?.[0]?.backend
  const sent = (backend: IngressBackend): IngressBackend =>
    backend.service !== undefined && isOwn(service, backend.service) ? (wanted ?? backend) : backend
  const rules = spec?.rules?.map(({ http, ...rule }) => ({
    ...rule,
    ...(http === undefined
      ? {}
      : { http: { ...http, paths: http.paths?.map(path => ({ ...path, backend: sent(path.backend) })) } }),
  }))
  const byDefault = spec?.defaultBackend
  return { ...spec, rules, ...(byDefault === undefined ? {} : { defaultBackend: sent(byDefault) }) }
}

/** Rules that somebody gave to another Service are left alone. */
export const isOwn = (service: string, { name }: Pick<BackendRef, 'name'>): boolean =>
  [service, ...COLORS.map(color => slotName(service, color))].includes(name)
