import { nameOf } from '../api/cluster-object.ts'
import type { ServiceView } from '../service-view.ts'
import { isLeftOver } from './left-over-routes.ts'
import type { HttpRoute, ParentRef, RouteCondition } from './live-routes.ts'

/** Gateway API: `Accepted`, the Gateway takes the route; `ResolvedRefs`, it finds what users are sent to. */
const CONDITIONS = ['Accepted', 'ResolvedRefs'] as const

/**
 * What is missing until every Gateway by which users come in has said that it took the route over as it is now: its own
 * words where it refuses. Undefined when nothing is.
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
  const accepted = refs.filter(ref => isAccepted(route, ref))
  // Who did not take a route brings nobody: where another brings users, or none is to come, it is not waited for.
  const awaited = accepted.length > 0 || isLeftOver(route) ? accepted : refs
  if (refs.length === 0 && !isLeftOver(route)) return 'it is attached to no Gateway any more'
  return awaited.map(ref => parentTrouble(route, ref)).find(each => each !== undefined)
}

/** Whether the Gateway took the route, as it is now or as it was before: until it says otherwise users come in by it. */
export const isAccepted = (route: HttpRoute, ref: ParentRef): boolean =>
  toldOf(route, ref).some(({ conditions = [] }) =>
    conditions.some(({ type, status }) => type === 'Accepted' && status === 'True'),
  )

/** Whether the Gateway told that it does not take the route. */
export const isRefused = (route: HttpRoute, ref: ParentRef): boolean =>
  !isAccepted(route, ref) &&
  toldOf(route, ref).some(({ conditions = [] }) =>
    conditions.some(({ type, status }) => type === 'Accepted' && status === 'False'),
  )

/** What keeps the Gateway from having the route as it is now, in words; undefined where it has it. */
export function parentTrouble(route: HttpRoute, ref: ParentRef): string | undefined {
  const gateway = gatewayName(route, ref)
  const own = toldOf(route, ref)
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

const toldOf = (route: HttpRoute, ref: ParentRef) =>
  (route.status?.parents ?? []).filter(({ parentRef }) => isSame(route, parentRef, ref))

function isSame(route: HttpRoute, a: ParentRef, b: ParentRef): boolean {
  return (
    gatewayName(route, a) === gatewayName(route, b) && a.sectionName === b.sectionName && a.port === b.port
  )
}

export const gatewayName = ({ metadata }: HttpRoute, { namespace, name }: ParentRef): string =>
  `${namespace ?? metadata.namespace}/${name}`
