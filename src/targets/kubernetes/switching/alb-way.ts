import { formatWeights, sameWeights } from '../../../model/color.ts'
import { slotName } from '../../../render/names.ts'
import { type ClusterObject, KINDS, nameOf } from '../api/cluster-object.ts'
import type { Move } from '../ledger.ts'
import { weightsOf } from './live-traffic.ts'
import type { LoadBalancerReader } from './load-balancer-reader.ts'
import { gainingColors, unknownEndpoints } from './obstacles.ts'
import { readyPods } from './pods.ts'
import { type Reconciliation, reconciliation } from './reconciled.ts'
import type { Look, Pursuit } from './switch.ts'
import type { Effect, Way } from './way.ts'

/**
 * The weighted action of an Ingress for the AWS Load Balancer Controller. New and open connections move together: a load
 * balancer of AWS chooses anew for each request.
 */
export const albWay = (balancer: LoadBalancerReader | undefined): Way => ({
  missing,
  obstacles: async look => {
    const unknown = unknownEndpoints(look.view, look.move)
    return unknown.length > 0 || balancer === undefined ? unknown : await unhealthyTargets(look, balancer)
  },
  pursue: async (o, move) => {
    if (move.newAt !== undefined) return
    const trouble = await firstTrouble(o, move, balancer)
    if (trouble === undefined) await o.note({ newAt: o.now, drainedAt: o.now })
    else if (trouble !== move.said) await o.note({ said: trouble })
  },
})

function missing({ view, move }: Effect): string | undefined {
  if (move === undefined) {
    const asked = view.ledger?.move
    return asked && `somebody else changed the weights: Sluice had asked for ${formatWeights(asked.weights)}`
  }
  return move.newAt === undefined ? (move.said ?? waiting(view.routes)) : undefined
}

const waiting = (ingresses: readonly ClusterObject[]): string =>
  `the AWS Load Balancer Controller has not said yet that it took over ${ingresses.map(nameOf).join(', ')}`

/** What keeps the weights of any Ingress of the service from being in effect, in words. */
async function firstTrouble(
  o: Pursuit,
  move: Move,
  balancer: LoadBalancerReader | undefined,
): Promise<string | undefined> {
  for (const ingress of o.view.routes) {
    const trouble =
      balancer === undefined
        ? await controllerTrouble(o, move, ingress)
        : await listenerTrouble(o, move, { ingress, balancer })
    if (trouble !== undefined) return `${nameOf(ingress)}: ${trouble}`
  }
  return undefined
}

async function controllerTrouble(
  o: Pursuit,
  move: Move,
  ingress: ClusterObject,
): Promise<string | undefined> {
  const told = await toldBy(o, move, ingress)
  if (told.kind === 'done') return undefined
  return told.kind === 'failed'
    ? told.said
    : 'the AWS Load Balancer Controller has not said yet that it took it over'
}

async function toldBy(
  { cluster, signal, now }: Pursuit,
  move: Move,
  ingress: ClusterObject,
): Promise<Reconciliation> {
  const fields = `involvedObject.kind=Ingress,involvedObject.name=${ingress.metadata.name}`
  return reconciliation(ingress, await cluster.list(KINDS.event, { fields }, signal), { move, now })
}

/** The listener itself: what the controller says of its own work only tells why. */
async function listenerTrouble(
  o: Pursuit,
  move: Move,
  { ingress, balancer }: { readonly ingress: ClusterObject; readonly balancer: LoadBalancerReader },
): Promise<string | undefined> {
  const state = await balancer.read(ingress, o.signal)
  const rules = state?.rules.map(shares => weightsOf(o.view, ingress, shares)) ?? []
  const other = rules.find(weights => typeof weights === 'string' || !sameWeights(weights, move.weights))
  if (rules.length > 0 && other === undefined) return undefined
  const told = await toldBy(o, move, ingress)
  if (told.kind === 'failed') return told.said
  if (other === undefined) return 'no rule of a listener was made for it yet'
  return `its listener has ${typeof other === 'string' ? other : formatWeights(other)}`
}

/** A target that is not known to be healthy gets requests only if no other is, or none at all. */
async function unhealthyTargets(
  { view, move, signal }: Look,
  balancer: LoadBalancerReader,
): Promise<readonly string[]> {
  const states = await Promise.all(view.routes.map(ingress => balancer.read(ingress, signal)))
  return gainingColors(move).flatMap(color => {
    const service = slotName(view.service, color)
    const ready = readyPods(view, color).length
    return states.flatMap(state => {
      // No target group is asked for before the first users are sent somewhere.
      const healthy = state?.targets.get(service)?.healthy
      return healthy === undefined || healthy >= ready
        ? []
        : [`the load balancer knows ${healthy} of the ${ready} instances of ${service} as healthy`]
    })
  })
}
