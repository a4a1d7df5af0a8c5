import { COLORS, otherColor, type Weights } from '../../model/color.ts'
import { UserError } from '../../model/user-error.ts'
import type { KubernetesObject } from '../../render/kubernetes/kubernetes-object.ts'
import { slotName } from '../../render/names.ts'
import type { ServiceRef, Turn } from '../target.ts'
import { ObjectChanged, RequestRefused } from './api/cluster.ts'
import { type ClusterObject, KINDS } from './api/cluster-object.ts'
import { markDeployment, marked } from './fence-mark.ts'
import type { ColorEntry, Move } from './ledger.ts'
import type { Pod } from './live-objects.ts'
import { liveWays } from './live-ways.ts'
import { releasedIn } from './observe-service.ts'
import { isReadyPod } from './pod-trouble.ts'
import { colorOf, readFresh, readWatched } from './read-view.ts'
import { moreOf, planOf } from './release-plan.ts'
import type { ServiceView } from './service-view.ts'
import { setReplicas } from './set-replicas.ts'
import { isOfRelease } from './slot-problem.ts'
import { instancesNeeded } from './switching/capacity.ts'
import { refuseOvertaken, takeTurn } from './take-turn.ts'
import type { TargetParts } from './target-parts.ts'
import { type Shift, untilNothing } from './until-nothing.ts'
import { untilSeen } from './until-seen.ts'
import { versionOf } from './version-of.ts'
import { againWhenChanged } from './when-changed.ts'

/**
 * Sends users as the weights say as soon as whoever moves them knows the instances, and waits until that is confirmed: a
 * moment each, for the engine asks again.
 */
export async function shiftUsers(parts: TargetParts, shift: Shift): Promise<void> {
  let said: string | undefined
  await untilNothing(parts, shift, async () => {
    // While something is in the way the watches tell it: everything is read afresh only to move somebody.
    said &&= await stillInTheWay(parts, shift)
    said ??= await againWhenChanged(async () => await send(parts, shift))
    return said
  })
  await untilSeen(parts, shift)
}

async function stillInTheWay(
  parts: TargetParts,
  { service, weights, turn: { fence, signal } }: Shift,
): Promise<string | undefined> {
  const { cluster, way } = parts
  const view = await readWatched(parts, service.service, signal)
  refuseOvertaken(view.ledger, service, fence)
  const move = way.begin(view, { weights, fence, now: parts.now() })
  return inWords(service, await way.obstacles({ cluster, view, move, signal }))
}

const inWords = ({ service }: ServiceRef, obstacles: readonly string[]): string | undefined =>
  obstacles.length === 0 ? undefined : `${service}: users were not moved: ${obstacles.join('; ')}`

/** In words what users wait for; undefined once they are sent. */
async function send(parts: TargetParts, { service, weights, turn }: Shift): Promise<string | undefined> {
  const { cluster, way } = parts
  const { fence, signal } = turn
  const read = await readFresh(parts, service.service, signal)
  refuseOvertaken(read.ledger, service, fence)
  for (const color of COLORS) if (weights[color] > 0) refuseUnready(read, color)
  const objects = waysOf(parts, read, weights)
  const move = way.begin(read, { weights, fence, now: parts.now() })
  const view = await withInstances(parts, { service, turn, view: read, move })
  const said = inWords(service, await way.obstacles({ cluster, view, move, signal }))
  if (said !== undefined) return said
  await takeTurn(parts, { service, ledger: view.ledger, fence, change: { move }, signal })
  const gaining = COLORS.filter(color => weights[color] > 0).map(color => view.deployments[color])
  for (const deployment of gaining.filter(each => each !== undefined))
    await unlessBack(parts, { view, move, act: () => markDeployment(cluster, { deployment, fence, signal }) })
  for (const object of autoscalerFirst(objects)) await applyIn(parts, view, marked(object, fence), signal)
  return undefined
}

/** Users who leave a color that failed do not wait for what the cluster has against a change of the one they go back to. */
async function unlessBack(
  { log }: TargetParts,
  o: { readonly view: ServiceView; readonly move: Move; readonly act: () => Promise<ClusterObject> },
): Promise<ClusterObject | undefined> {
  const { view, move, act } = o
  try {
    return await act()
  } catch (error) {
    const isRefused = error instanceof RequestRefused && !(error instanceof ObjectChanged)
    if (!isRefused || move.isBack !== true) throw error
    log.warn({ service: view.service, error: error.message }, 'users go back without it')
    return undefined
  }
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

/**
 * Of the release that has more of the users. Where nothing is kept of it (somebody deleted the ledger) what is live goes
 * another way: nobody has to be released again before users can go back.
 */
function waysOf(
  { environment, way }: TargetParts,
  view: ServiceView,
  weights: Weights,
): readonly KubernetesObject[] {
  const { ledger, service } = view
  const active = moreOf(weights, 'blue')
  const planned = (entry: ColorEntry | undefined) =>
    entry && way.objects(planOf(environment, { service, entry, active }), weights, view)
  const own = planned(ledger?.colors[active])
  if (own !== undefined) return own
  const isOpen = view.routes.length > 0 || view.services.has(service)
  const known = (isOpen ? liveWays(view, weights) : undefined) ?? planned(ledger?.colors[otherColor(active)])
  if (known !== undefined) return known
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
  const { cluster } = parts
  const mark = async () => await markDeployment(cluster, { deployment, fence, signal })
  const own = (await unlessBack(parts, { view, move, act: mark })) ?? deployment
  const scale = async () => await setReplicas(cluster, { deployment: own, count: needed.count, signal })
  const scaled = (await unlessBack(parts, { view, move, act: scale })) ?? own
  return { ...view, ledger, deployments: { ...view.deployments, [needed.color]: scaled } }
}
