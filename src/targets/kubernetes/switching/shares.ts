import { actionAnnotation } from '../../../render/kubernetes/alb-annotations.ts'
import { ACTION_PORT } from '../../../render/kubernetes/ingress.ts'
import type { ClusterObject } from '../api/cluster-object.ts'
import type { BackendRef, HttpRoute, Ingress, IngressBackend } from './live-routes.ts'

/** The part of one rule's users that one Service gets; parts of a rule need not sum to anything. */
export interface Share {
  readonly service: string
  readonly weight: number
}

/** How each rule of a route shares its users; of a rule that sends them elsewhere, where. */
export type RuleShares = readonly Share[] | { readonly elsewhere: string }

/** Of an HTTPRoute or an Ingress. */
export function sharesOf(route: ClusterObject): readonly RuleShares[] {
  return route.kind === 'HTTPRoute' ? httpShares(route) : ingressShares(route)
}

function httpShares(route: HttpRoute): readonly RuleShares[] {
  const namespace = route.metadata.namespace
  return (route.spec?.rules ?? []).map(({ backendRefs = [] }): RuleShares => {
    if (backendRefs.length === 0) return { elsewhere: 'no Service' }
    const foreign = backendRefs.find(ref => !isService(ref, namespace))
    if (foreign !== undefined) return { elsewhere: `${foreign.kind ?? 'Service'} ${foreign.name}` }
    return backendRefs.map(({ name, weight = 1 }) => ({ service: name, weight }))
  })
}

function isService(
  { group = '', kind = 'Service', namespace }: BackendRef,
  own: string | undefined,
): boolean {
  return group === '' && kind === 'Service' && (namespace === undefined || namespace === own)
}

function ingressShares(ingress: Ingress): readonly RuleShares[] {
  const { rules = [], defaultBackend } = ingress.spec ?? {}
  const backends = rules.flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend))
  return [...backends, ...(defaultBackend === undefined ? [] : [defaultBackend])].map(backend =>
    backendShares(ingress, backend),
  )
}

function backendShares({ metadata }: Ingress, { service }: IngressBackend): RuleShares {
  if (service === undefined) return { elsewhere: 'no Service' }
  if (service.port?.name !== ACTION_PORT) return [{ service: service.name, weight: 1 }]
  const annotation = actionAnnotation(service.name)
  const written = metadata.annotations?.[annotation]
  return written === undefined
    ? { elsewhere: `no Service: the annotation ${annotation} is gone` }
    : (actionShares(written) ?? {
        elsewhere: `no Service of its own: the annotation ${annotation} was changed`,
      })
}

/** Of a `forward` action ("Ingress annotations", AWS Load Balancer Controller); undefined for anything else. */
function actionShares(written: string): readonly Share[] | undefined {
  const action = parsed(written)
  const config = fieldOf(action, 'forwardConfig')
  const groups = fieldOf(config, 'targetGroups')
  if (fieldOf(action, 'type') !== 'forward' || !Array.isArray(groups) || groups.length === 0) return undefined
  const shares = groups.map(group => {
    const service = fieldOf(group, 'serviceName')
    // Without weights there is one target group alone: the controller refuses others.
    const weight = fieldOf(group, 'weight') ?? 1
    return typeof service === 'string' && isWeight(weight) ? { service, weight } : undefined
  })
  const whole = shares.filter(share => share !== undefined)
  return whole.length === shares.length ? whole : undefined
}

/** Nobody checks the annotation but the controller. */
const isWeight = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined
