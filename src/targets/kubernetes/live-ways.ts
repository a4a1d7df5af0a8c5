import { COLORS, type Color, otherColor, type Weights } from '../../model/color.ts'
import { actionAnnotation } from '../../render/kubernetes/alb-annotations.ts'
import type { KubernetesObject } from '../../render/kubernetes/kubernetes-object.ts'
import { COLOR_LABEL } from '../../render/kubernetes/labels.ts'
import { previewName } from '../../render/kubernetes/services.ts'
import { slotName } from '../../render/names.ts'
import type { ClusterObject } from './api/cluster-object.ts'
import type { ServiceView } from './service-view.ts'
import { asApplied } from './switching/as-applied.ts'
import type { BackendRef, HttpRoute, Ingress, LiveService } from './switching/live-routes.ts'
import { fullColor, liveTraffic } from './switching/live-traffic.ts'

/**
 * What sends users, as it is live and with other weights: for a color of whose release nothing is kept. Undefined where
 * what is live cannot share users like that. Whole objects, because an apply takes away what it does not name.
 */
export function liveWays(view: ServiceView, weights: Weights): readonly KubernetesObject[] | undefined {
  const full = fullColor(weights)
  const live = liveTraffic(view)
  const isShared = live.kind === 'shared' && live.by === 'routes'
  if (full === undefined && !isShared) return undefined
  const routes = view.routes.filter(isSluices).map(route => rerouted(route, { view, weights, full }))
  const known = routes.filter(route => route !== undefined)
  if (known.length < routes.length) return undefined
  return full === undefined ? known : [...known, ...following(view, full)]
}

const isSluices = ({ metadata: { labels } }: ClusterObject): boolean =>
  labels?.['app.kubernetes.io/managed-by'] === 'sluice'

interface Sharing {
  readonly view: ServiceView
  readonly weights: Weights
  readonly full: Color | undefined
}

const rerouted = (route: ClusterObject, sharing: Sharing): KubernetesObject | undefined =>
  route.kind === 'HTTPRoute' ? httpRoute(route, sharing) : ingress(route, sharing)

function httpRoute(route: HttpRoute, { view, weights }: Sharing): KubernetesObject {
  const rules = (route.spec?.rules ?? []).map(rule => {
    const [first] = rule.backendRefs ?? []
    // One that names the stable Service moves with its selector.
    if (first === undefined || colorNamed(view, first.name) === undefined) return rule
    const backendRefs = COLORS.map(
      (color): BackendRef => ({ ...first, name: slotName(view.service, color), weight: weights[color] }),
    )
    return { ...rule, backendRefs }
  })
  return asApplied(route, { ...route.spec, rules })
}

function ingress(route: Ingress, { view, weights, full }: Sharing): KubernetesObject | undefined {
  const action = actionAnnotation(view.service)
  const written = route.metadata.annotations?.[action]
  if (written !== undefined) {
    const shared = withShares(written, view.service, weights)
    return shared === undefined ? undefined : asApplied(route, { ...route.spec }, { [action]: shared })
  }
  if (full === undefined) return undefined
  const rules = route.spec?.rules?.map(rule => ({
    ...rule,
    http: { ...rule.http, paths: rule.http?.paths?.map(path => renamed(path, view, full)) },
  }))
  return asApplied(route, { ...route.spec, rules })
}

type IngressPath = NonNullable<
  NonNullable<NonNullable<NonNullable<Ingress['spec']>['rules']>[number]['http']>['paths']
>[number]

function renamed(path: IngressPath, view: ServiceView, full: Color): IngressPath {
  const { service } = path.backend
  if (service === undefined || colorNamed(view, service.name) === undefined) return path
  return {
    ...path,
    backend: { ...path.backend, service: { ...service, name: slotName(view.service, full) } },
  }
}

/** Undefined where somebody made it another action. */
function withShares(written: string, service: string, weights: Weights): string | undefined {
  try {
    const action = JSON.parse(written)
    const groups = COLORS.map(color => {
      const serviceName = slotName(service, color)
      return { ...action.forwardConfig.targetGroups[0], serviceName, weight: weights[color] }
    })
    return JSON.stringify({ ...action, forwardConfig: { ...action.forwardConfig, targetGroups: groups } })
  } catch {
    return undefined
  }
}

/** Those inside of the cluster, the preview and the autoscaler go with all users. */
function following(view: ServiceView, full: Color): readonly KubernetesObject[] {
  const { service, services, autoscaler } = view
  const stable = services.get(service)
  const preview = services.get(previewName(service))
  return [
    ...(stable === undefined ? [] : [selecting(stable, full)]),
    ...(preview === undefined ? [] : [selecting(preview, otherColor(full))]),
    ...(autoscaler === undefined || !isSluices(autoscaler) ? [] : [scaling(view, autoscaler, full)]),
  ]
}

/** The rest of a Service is the API server's to give. */
function selecting(live: LiveService, color: Color): KubernetesObject {
  const { type, selector, ports } = (live.spec ?? {}) as LiveSpec
  return asApplied(live, { type, selector: { ...selector, [COLOR_LABEL]: color }, ports })
}

type LiveSpec = Readonly<Record<string, unknown>> & { readonly selector?: Readonly<Record<string, string>> }

function scaling({ service }: ServiceView, live: ClusterObject, color: Color): KubernetesObject {
  const { spec } = live as { readonly spec?: { readonly scaleTargetRef?: object } }
  const scaleTargetRef = { ...spec?.scaleTargetRef, name: slotName(service, color) }
  return asApplied(live, { ...spec, scaleTargetRef })
}

const colorNamed = ({ service }: ServiceView, name: string): Color | undefined =>
  COLORS.find(color => slotName(service, color) === name)
