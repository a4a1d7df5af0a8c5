import { COLORS, type Weights } from '../../model/color.ts'
import { UserError } from '../../model/user-error.ts'
import type { KubernetesObject } from '../../render/kubernetes/kubernetes-object.ts'
import type { ServicePlan } from '../../render/kubernetes/service-plan.ts'
import { slotName } from '../../render/names.ts'
import type { ServiceRef, Turn } from '../target.ts'
import { ObjectChanged, RequestRefused } from './api/cluster.ts'
import { KINDS } from './api/cluster-object.ts'
import type { Move } from './ledger.ts'
import type { Pod } from './live-objects.ts'
import { releasedIn } from './observe-service.ts'
import { isReadyPod } from './pod-trouble.ts'
import { colorOf, readFresh } from './read-view.ts'
import { moreOf, planOf } from './release-plan.ts'
import type { ServiceView } from './service-view.ts'
import { setReplicas } from './set-replicas.ts'
import { isOfRelease } from './slot-problem.ts'
import { instancesNeeded } from './switching/capacity.ts'
import { refuseOvertaken, takeTurn } from './take-turn.ts'
import type { TargetParts } from './target-parts.ts'
import { type Shift, untilNothing } from './until-nothing.ts'
import { untilSeen } from './until-seen.ts'
import { againWhenChanged } from './when-changed.ts'

/**
 * Sends users as the weights say as soon as whoever moves them knows the instances, and waits until that is confirmed: a
 * moment each, for the engine asks again.
 */
export async function shiftUsers(parts: TargetParts, shift: Shift): Promise<void> {
  await untilNothing(parts, shift, async () => await againWhenChanged(async () => await send(parts, shift)))
  await untilSeen(parts, shift)
}

/** In words what users wait for; undefined once they are sent. */
async function send(parts: TargetParts, { service, weights, turn }: Shift): Promise<string | undefined> {
  const { cluster, way } = parts
  const { fence, signal } = turn
  const read = await readFresh(parts, service.service, signal)
  refuseOvertaken(read.ledger, service, fence)
  for (const color of COLORS) if (weights[color] > 0) refuseUnready(read, color)
  const plan = wayPlan(parts, read, weights)
  const move = way.begin(read, { weights, rollout: fence[1], now: parts.now() })
  const view = await withInstances(parts, { service, turn, view: read, move })
  const obstacles = await way.obstacles({ cluster, view, move, signal })
  if (obstacles.length > 0) return `${service.service}: users were not moved: ${obstacles.join('; ')}`
  await takeTurn(parts, { service, ledger: view.ledger, fence, change: { move }, signal })
  for (const object of autoscalerFirst(way.objects(plan, weights, view)))
    await applyIn(parts, view, object, signal)
  return undefined
}

/** Weights that are where they should be are not set again, and nothing with them. */
const autoscalerFirst = (objects: readonly KubernetesObject[]): readonly KubernetesObject[] =>
  objects.toSorted((a, b) => Number(isAutoscaler(b)) - Number(isAutoscaler(a)))

const isAutoscaler = ({ kind }: KubernetesObject): boolean => kind === KINDS.autoscaler.kind

async function applyIn(
  { cluster, log }: TargetParts,
  view: ServiceView,
  object: KubernetesObject,
  signal: AbortSignal,
): Promise<void> {
  try {
    await cluster.apply(object, { signal, ...versionOf(view, object) })
  } catch (error) {
    const isRefused = error instanceof RequestRefused && !(error instanceof ObjectChanged)
    // Users who have to leave a color do not wait for its autoscaler.
    if (!isRefused || !isAutoscaler(object)) throw error
    log.warn({ service: view.service, error: error.message }, 'the autoscaler does not follow the users')
  }
}

/** What is half provisioned, or not ready, gets nobody. */
function refuseUnready(view: ServiceView, color: (typeof COLORS)[number]): void {
  const where = slotName(view.service, color)
  const deployment = view.deployments[color]
  const { release } = deployment === undefined ? {} : releasedIn(deployment)
  const isKnown = view.ledger?.colors[color]?.release === release || view.ledger?.colors[color] === undefined
  const ready =
    release !== undefined &&
    isKnown &&
    (view.pods as readonly Pod[]).some(
      pod => colorOf(pod) === color && isOfRelease(pod, release) && isReadyPod(pod),
    )
  if (ready) return
  throw new UserError(where, `${color} has no instance that is ready, so it gets no users`, REMEDY)
}

const REMEDY = 'wait until one is, or look at its logs'

/** With the spec of the release that has more of the users; of the other one where nothing is known of it. */
function wayPlan(
  { environment }: TargetParts,
  { ledger, service }: ServiceView,
  weights: Weights,
): ServicePlan {
  const active = moreOf(weights, 'blue')
  const entry = ledger?.colors[active] ?? Object.values(ledger?.colors ?? {})[0]
  if (entry !== undefined) return planOf(environment, { service, entry, active })
  throw new UserError(service, 'nothing is known of what runs there', 'release the service once more')
}

/** As many as users have where they are now, before they are sent elsewhere. */
async function withInstances(
  parts: TargetParts,
  o: { service: ServiceRef; turn: Turn; view: ServiceView; move: Move },
): Promise<ServiceView> {
  const { service, turn, view, move } = o
  const needed = instancesNeeded(view, move)
  const deployment = needed && view.deployments[needed.color]
  if (needed === undefined || deployment === undefined) return view
  const { signal, fence } = turn
  const ledger = await takeTurn(parts, { service, ledger: view.ledger, fence, signal })
  const scaled = await setReplicas(parts.cluster, { deployment, count: needed.count, signal })
  return { ...view, ledger, deployments: { ...view.deployments, [needed.color]: scaled } }
}

function versionOf(
  { routes, services, autoscaler: scaler }: ServiceView,
  { kind, metadata: { name } }: KubernetesObject,
): { readonly resourceVersion?: string } {
  const live = [...routes, ...services.values(), ...(scaler === undefined ? [] : [scaler])]
  const found = live.find(each => each.kind === kind && each.metadata.name === name)
  return found === undefined ? {} : { resourceVersion: found.metadata.resourceVersion }
}
