import { nameOf } from '../api/cluster-object.ts'
import type { ServiceView } from '../service-view.ts'
import type { HttpRoute, ParentRef, RouteCondition, RouteParent } from './live-routes.ts'

/** Gateway API: `Accepted`, the Gateway takes the route; `ResolvedRefs`, it finds what users are sent to. */
const CONDITIONS = ['Accepted', 'ResolvedRefs'] as const

/**
 * What is missing until every Gateway that a route is attached to has said that it took the route over as it is now: its
 * own words where it refuses. Undefined when nothing is.
 */
export function unacceptedRoutes({ routes }: Pick<ServiceView, 'routes'>): string | undefined {
  for (const route of routes) {
    const trouble = routeTrouble(route)
    if (trouble !== undefined) return `${nameOf(route)}: ${trouble}`
  }
  return undefined
}

function routeTrouble(route: HttpRoute): string | undefined {
  const refs = route.spec?.parentRefs ?? []
  if (refs.length === 0) return 'it is attached to no Gateway any more'
  const parents = route.status?.parents ?? []
  return refs.map(ref => parentTrouble(route, ref, parents)).find(each => each !== undefined)
}

function parentTrouble(
  route: HttpRoute,
  ref: ParentRef,
  parents: readonly RouteParent[],
): string | undefined {
  const gateway = gatewayName(route, ref)
  const own = parents.filter(({ parentRef }) => isSame(route, parentRef, ref))
  if (own.length === 0) return `no controller has answered for Gateway ${gateway} yet`
  const troubles = own.flatMap(({ conditions = [] }) =>
    CONDITIONS.map(type =>
      conditionTrouble(
        route,
        type,
        conditions.find(each => each.type === type),
      ),
    ),
  )
  const trouble = troubles.find(each => each !== undefined)
  return trouble === undefined ? undefined : `Gateway ${gateway} ${trouble}`
}

function conditionTrouble(
  { metadata: { generation } }: HttpRoute,
  type: string,
  condition: RouteCondition | undefined,
): string | undefined {
  if (condition === undefined) return `has not told ${type} yet`
  const { status, reason, message, observedGeneration } = condition
  // What was said of an earlier state says nothing of this one.
  if (observedGeneration !== generation) return 'has not taken its present state over yet'
  if (status === 'True') return undefined
  return `tells ${type} ${status}${reason ? `, ${reason}` : ''}${message ? `: ${message}` : ''}`
}

function isSame(route: HttpRoute, a: ParentRef, b: ParentRef): boolean {
  return (
    gatewayName(route, a) === gatewayName(route, b) && a.sectionName === b.sectionName && a.port === b.port
  )
}

const gatewayName = ({ metadata }: HttpRoute, { namespace, name }: ParentRef): string =>
  `${namespace ?? metadata.namespace}/${name}`
