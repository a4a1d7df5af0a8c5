import type { KubernetesObject } from '../../../render/kubernetes/kubernetes-object.ts'
import type { RoutePlan } from '../../../render/kubernetes/route-plan.ts'
import { waysIn } from '../../../render/kubernetes/service-objects.ts'
import { ObjectChanged } from '../api/cluster.ts'
import { nameOf } from '../api/cluster-object.ts'
import { moreOf, planOf } from '../release-plan.ts'
import type { ServiceView } from '../service-view.ts'
import { asApplied } from './as-applied.ts'
import { gatewayName, isAccepted, isRefused, parentTrouble } from './gateway.ts'
import type { HttpRoute, ParentRef } from './live-routes.ts'
import type { Look } from './switch.ts'

/** A Gateway that is asked for and has not taken the route, and others by which users may come in meanwhile. */
interface Parents {
  readonly live: HttpRoute
  readonly kept: readonly ParentRef[]
  readonly asked: readonly ParentRef[]
}

/**
 * The route with the Gateways that it has now beside it, as long as the one that is asked for has not taken it:
 * a name that is mistyped would take the way in away from users. Those that refuse it bring nobody.
 */
export function withKeptParents(
  object: KubernetesObject,
  view: Pick<ServiceView, 'routes'>,
): KubernetesObject {
  const parents = untaken(object, view)
  return parents === undefined
    ? object
    : { ...object, spec: { ...(object as HttpRoute).spec, parentRefs: both(parents) } }
}

/**
 * Attaches the routes as they are to the Gateway that is asked for, beside those by which users come in, and tells in words
 * what keeps it from taking them. Moves nobody.
 */
export async function untakenParents(look: Look, route: RoutePlan): Promise<readonly string[]> {
  const parents = wantedRoutes(look, route)
    .flatMap(object => untaken(object, look.view) ?? [])
    .filter(({ live, kept }) => kept.some(ref => isAccepted(live, ref)))
  for (const each of parents) await attach(look, each)
  return parents.map(inWords)
}

/** Of the release that has more of the users then: others keep the Gateways that they have. */
function wantedRoutes(
  { view: { environment, service, ledger }, move }: Look,
  route: RoutePlan,
): readonly KubernetesObject[] {
  const active = moreOf(move.weights, 'blue')
  const entry = ledger?.colors[active]
  return entry === undefined ? [] : waysIn(planOf(environment, { service, entry, active }), route)
}

async function attach({ cluster, signal }: Look, parents: Parents): Promise<void> {
  const { live, asked } = parents
  const refs = live.spec?.parentRefs ?? []
  if (asked.every(ref => refs.some(each => isSameGateway(live, each, ref)))) return
  const { resourceVersion } = live.metadata
  try {
    const attached = asApplied(live, { ...live.spec, parentRefs: both(parents) })
    await cluster.apply(attached, { signal, resourceVersion })
  } catch (error) {
    // The next look has what it is now.
    if (!(error instanceof ObjectChanged)) throw error
  }
}

function untaken(
  wanted: KubernetesObject & Pick<HttpRoute, 'spec'>,
  { routes }: Pick<ServiceView, 'routes'>,
): Parents | undefined {
  const live: HttpRoute | undefined = routes.find(
    ({ kind, metadata }) => kind === wanted.kind && metadata.name === wanted.metadata.name,
  )
  if (live === undefined || live.kind !== 'HTTPRoute') return undefined
  const refs = live.spec?.parentRefs ?? []
  const asked = (wanted.spec?.parentRefs ?? []).filter(
    ref => !refs.some(each => isSameGateway(live, each, ref) && isAccepted(live, each)),
  )
  const kept = refs.filter(
    each => !isRefused(live, each) && !asked.some(ref => isSameGateway(live, each, ref)),
  )
  return kept.length === 0 || asked.length === 0 ? undefined : { live, kept, asked }
}

const both = ({ kept, asked }: Parents): readonly ParentRef[] => [...kept, ...asked]

/** Whatever its listener is: the API server takes one Gateway with and without one for a mistake. */
const isSameGateway = (route: HttpRoute, a: ParentRef, b: ParentRef): boolean =>
  gatewayName(route, a) === gatewayName(route, b)

function inWords({ live, kept, asked }: Parents): string {
  const named = (refs: readonly ParentRef[]) =>
    [...new Set(refs.map(ref => gatewayName(live, ref)))].join(', ')
  const troubles = asked.map(ref => parentTrouble(live, ref) ?? `Gateway ${gatewayName(live, ref)} has it`)
  return (
    `${nameOf(live)}: ${troubles.join('; ')}, and users still come in by ${named(kept.filter(ref => isAccepted(live, ref)))}; ` +
    `correct \`kubernetes.gateway\`, or let Gateway ${named(asked)} take the route`
  )
}
