import { sameWeights } from '../../../model/color.ts'
import { scales } from '../../../render/kubernetes/autoscaler.ts'
import { plannedProblems } from '../../../render/kubernetes/planned-switch.ts'
import { isAlb, type RoutePlan } from '../../../render/kubernetes/route-plan.ts'
import { KINDS } from '../api/cluster-object.ts'
import { albWay } from './alb-way.ts'
import { beginMove, presentMove } from './begin-move.ts'
import { createDrainCalls } from './drain-calls.ts'
import { gatewayWay } from './gateway-way.ts'
import { ingressWay } from './ingress-way.ts'
import { fullColor, liveTraffic } from './live-traffic.ts'
import type { LoadBalancerReader } from './load-balancer-reader.ts'
import { unknownEndpoints } from './obstacles.ts'
import { untakenParents } from './parents.ts'
import { selectorWay } from './selector-way.ts'
import type { Pursuit, Switch } from './switch.ts'
import { readTraffic, type Shared } from './traffic.ts'
import { trafficObjects } from './traffic-objects.ts'
import type { Way } from './way.ts'

const MANAGER_LABEL = 'app.kubernetes.io/managed-by'

export interface SwitchParts {
  /** Reads back what stands behind an Ingress of class `alb`, where there is access to AWS. */
  readonly balancer?: LoadBalancerReader
}

/**
 * The switch of an environment. How a service moves is seen from what is live: by the weights of its routes, or, where
 * they name its stable Service (or where it has none), by that Service's selector. So a service that was replaced in
 * place until now, or that only others called, is understood while it changes over.
 */
export function switchFor(route: RoutePlan, { balancer }: SwitchParts = {}): Switch {
  const calls = createDrainCalls()
  const bySelector = selectorWay(calls)
  const byRoutes = routeWay(route, balancer)
  const wayOf = ({ by }: Shared): Way => (by === 'selector' ? bySelector : byRoutes)
  return {
    problems: plan => plannedProblems(plan, route),
    read: (view, now) => readTraffic(view, now, wayOf),
    begin: beginMove,
    obstacles: async look => {
      const { view, move } = look
      const live = liveTraffic(view)
      const known = live.kind === 'shared'
      const obstacles = known ? await wayOf(live).obstacles(look) : unknownEndpoints(view, move)
      // Who goes back, or nowhere, waits for no Gateway that is new.
      const isMoved = move.isBack !== true && !(known && sameWeights(live.weights, move.weights))
      return obstacles.length === 0 && isMoved ? await untakenParents(look, route) : obstacles
    },
    objects: (plan, weights, view) => trafficObjects(plan, route, { weights, view }),
    pursue: async o => {
      const live = liveTraffic(o.view)
      const move = live.kind === 'shared' ? presentMove(o.view, live.weights) : undefined
      if (live.kind !== 'shared' || move === undefined) return
      await wayOf(live).pursue(o, move)
      await removeAutoscaler(o, live)
    },
    close: calls.close,
  }
}

function routeWay(route: RoutePlan, balancer: LoadBalancerReader | undefined): Way {
  if (route.switch === 'gateway') return gatewayWay
  return isAlb(route) ? albWay(balancer) : ingressWay
}

/** Of a release that scales no more: it would go on with the color that stands by, and take instances away from it. Never somebody else's. */
async function removeAutoscaler({ cluster, view, signal }: Pursuit, { weights }: Shared): Promise<void> {
  const color = fullColor(weights)
  const spec = color === undefined ? undefined : view.ledger?.colors[color]?.spec
  if (view.autoscaler === undefined || spec === undefined || scales({ spec })) return
  const { name, uid, labels } = view.autoscaler.metadata
  if (labels?.[MANAGER_LABEL] !== 'sluice') return
  await cluster.remove({ kind: KINDS.autoscaler, name }, { signal, uid })
}
