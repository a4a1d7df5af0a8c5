import { otherColor } from '../../../model/color.ts'
import type { Move } from '../ledger.ts'
import type { Pod } from '../live-objects.ts'
import type { ServiceView } from '../service-view.ts'
import { leftPods } from './begin-move.ts'
import { drain } from './drain.ts'
import type { DrainCalls } from './drain-calls.ts'
import { readyEndpoints } from './endpoints.ts'
import { unacceptedRoutes } from './gateway.ts'
import { fullColor, stableColor } from './live-traffic.ts'
import { unknownEndpoints } from './obstacles.ts'
import { podsOf } from './pods.ts'
import { hasSettled } from './settling.ts'
import type { Pursuit } from './switch.ts'
import type { Effect, Way } from './way.ts'

/**
 * From the moment that the EndpointSlices have the new color alone, until every node sends new connections there:
 * kube-proxy changes its rules once a second at the most, by default (measured on one node: 10 to 20 ms).
 */
const SETTLE_MILLISECONDS = 1000

/**
 * The selector of the stable Service moves new connections only: clients that keep theirs open stay with the color that
 * they have until it ends. So a move is in effect when its pods of that moment have let go of them, or are gone.
 */
export const selectorWay = (calls: DrainCalls): Way => ({
  missing: effect => unacceptedWay(effect.view) ?? missing(effect),
  obstacles: ({ view, move }) => Promise.resolve(unknownEndpoints(view, move)),
  pursue: (o, move) => pursue(o, move, calls),
})

const unacceptedWay = (view: ServiceView): string | undefined =>
  view.environment.route.switch === 'gateway' ? unacceptedRoutes(view) : undefined

function missing({ view, move, now }: Effect): string | undefined {
  if (move === undefined) return strangersBehind(view)
  if (move.newAt === undefined) {
    return unmoved(view) ?? `the EndpointSlices of Service ${view.service} have changed just now`
  }
  if (!isSettled(move.newAt, now)) return 'the nodes are given time to send new connections there'
  if (move.drainedAt !== undefined) return undefined
  const open = openPods(view, move)
  const color = otherColor(fullColor(move.weights) ?? 'blue')
  return `${open.length} of ${move.left?.length ?? 0} instances of ${color} may have connections from before`
}

/** Why new connections do not go to the selected color alone, in words. */
function unmoved(view: ServiceView): string | undefined {
  const color = stableColor(view)
  if (color === undefined) return `Service ${view.service} selects no color`
  if (readyEndpoints(view, view.service)[color] > 0) return strangersBehind(view)
  return `the EndpointSlices of Service ${view.service} have nobody of ${color} who is ready yet`
}

function strangersBehind(view: ServiceView): string | undefined {
  const color = stableColor(view)
  const ready = readyEndpoints(view, view.service)
  const others = ready.strangers.length + (color === undefined ? 0 : ready[otherColor(color)])
  return others === 0
    ? undefined
    : `the EndpointSlices of Service ${view.service} still have ${others} that are not of ${color}`
}

/** Pods that users left, and which did not say that they let go of them. */
function openPods(view: ServiceView, { left = [], letGo = [] }: Move): readonly Pod[] {
  return podsOf(view).filter(
    ({ metadata: { uid }, status }) =>
      left.includes(uid) && !letGo.includes(uid) && !ENDED.includes(status?.phase ?? ''),
  )
}

/** Phases of a pod whose processes are gone, though it is still told of. */
const ENDED: readonly string[] = ['Succeeded', 'Failed']

const isSettled = (since: number, now: number): boolean =>
  hasSettled({ since, milliseconds: SETTLE_MILLISECONDS, now })

/** Instances that came up between the beginning and this moment got connections like any other. */
const leftNow = (view: ServiceView, { left, weights }: Move): Pick<Move, 'left'> =>
  left === undefined ? {} : { left: leftPods(view, weights) }

async function pursue(o: Pursuit, move: Move, calls: DrainCalls): Promise<void> {
  const { view, now, note } = o
  if (move.newAt === undefined) {
    if (unmoved(view) === undefined) await note({ newAt: now, ...leftNow(view, move) })
    return
  }
  if (move.drainedAt !== undefined) return
  const open = openPods(view, move)
  if (open.length === 0) {
    calls.forget(view.service)
    return await note({ drainedAt: now })
  }
  // A connection that is let go of comes back at once: it has to find the new color.
  if (isSettled(move.newAt, now)) await drain(o, { move, open, calls })
}
