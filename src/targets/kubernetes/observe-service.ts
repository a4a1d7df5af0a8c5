import { COLORS, type Color } from '../../model/color.ts'
import { type Digest, isDigest } from '../../model/digest.ts'
import { isBefore } from '../../model/fence.ts'
import type { Observation, SlotObservation } from '../../model/observation.ts'
import { ARTIFACT_ANNOTATION, RELEASE_ANNOTATION } from '../../render/kubernetes/deployment.ts'
import type { ServiceRef, Slot } from '../target.ts'
import type { ClusterObject } from './api/cluster-object.ts'
import { secretHider } from './hide-secrets.ts'
import type { Deployment, Pod } from './live-objects.ts'
import { hasEnded, isReadyPod } from './pod-trouble.ts'
import { colorOf, readWatched } from './read-view.ts'
import type { ServiceView } from './service-view.ts'
import { isOfRelease, slotProblem } from './slot-problem.ts'
import type { Traffic } from './switching/switch.ts'
import type { Refused, TargetMemory } from './target-memory.ts'
import type { TargetParts } from './target-parts.ts'

/** What the watches know of the service at this moment; asks for more only where something is wrong. */
export async function observeService(
  parts: TargetParts,
  memory: TargetMemory,
  { service }: ServiceRef,
  signal: AbortSignal,
): Promise<Observation> {
  signal.throwIfAborted()
  return await observeView(parts, memory, await readWatched(parts, service, signal), signal)
}

export async function observeView(
  parts: Pick<TargetParts, 'environment' | 'way' | 'readSecret' | 'now'>,
  memory: TargetMemory,
  view: ServiceView,
  signal: AbortSignal,
): Promise<Observation> {
  const at = parts.now()
  const slots = await Promise.all(
    COLORS.map(async color => {
      const slot = { environment: parts.environment.environment, service: view.service, color }
      const seen = await observeSlot(parts, { view, color, memory, signal })
      return [color, withRefusal(memory, view, { slot, seen })] as const
    }),
  )
  return {
    at,
    ...observedWeights(parts.way.read(view, at), view),
    slots: Object.fromEntries(slots.filter(([, slot]) => slot !== undefined)),
  }
}

/** Something that was never released stands there: the hash of nothing that anybody made. */
const NOBODYS: Digest = `sha256:${'0'.repeat(64)}`

async function observeSlot(
  parts: Pick<TargetParts, 'environment' | 'readSecret'>,
  o: {
    readonly view: ServiceView
    readonly color: Color
    readonly memory: TargetMemory
    readonly signal: AbortSignal
  },
): Promise<SlotObservation | undefined> {
  const { view, color, memory, signal } = o
  const deployment = view.deployments[color] as Deployment | undefined
  if (deployment === undefined) return undefined
  const pods = (view.pods as readonly Pod[]).filter(pod => colorOf(pod) === color && !hasEnded(pod))
  const desired = deployment.spec.replicas ?? 1
  if (desired === 0 && pods.length === 0) return undefined
  const { release = NOBODYS, artifact = NOBODYS } = releasedIn(deployment)
  const ready = pods.filter(pod => isOfRelease(pod, release) && isReadyPod(pod)).length
  const seen = { release, artifact, desired, ready, total: pods.length }
  const strange = strangeImage(view.service, deployment)
  if (strange !== undefined) return { ...seen, ...strange }
  if (ready >= desired) return seen
  const hideSecrets = async () => await secretHider(parts, view)
  const problem = await slotProblem({ view, color, release, ...memory, hideSecrets, signal })
  return problem === undefined ? seen : { ...seen, problem }
}

/** Somebody gave the instances another image than the one that was released under this name. */
function strangeImage(
  service: string,
  deployment: Deployment,
): Pick<SlotObservation, 'artifact' | 'problem'> | undefined {
  const { artifact } = releasedIn(deployment)
  const { containers } = deployment.spec.template.spec
  const image = containers.find(({ name }) => name === service)?.image ?? 'no image'
  if (artifact === undefined || image.endsWith(`@${artifact}`)) return undefined
  const [, digest = ''] = image.split('@')
  const problem = `${deployment.metadata.name} runs ${image}, which was not released: somebody changed it`
  return { artifact: isDigest(digest) ? digest : NOBODYS, problem }
}

/** What a Deployment says that it is to run; undefined parts where nobody released it. */
export function releasedIn({ metadata: { annotations } }: ClusterObject): {
  readonly release?: Digest
  readonly artifact?: Digest
} {
  const release = annotations?.[RELEASE_ANNOTATION] ?? ''
  const artifact = annotations?.[ARTIFACT_ANNOTATION] ?? ''
  return {
    ...(isDigest(release) ? { release } : {}),
    ...(isDigest(artifact) ? { artifact } : {}),
  }
}

/**
 * A release that was refused shows as one without instances, whatever else is in the color, until somebody acts on the
 * service or brings something else up there.
 */
function withRefusal(
  { refusals }: TargetMemory,
  { ledger }: ServiceView,
  { slot, seen }: { readonly slot: Slot; readonly seen: SlotObservation | undefined },
): SlotObservation | undefined {
  const refused = refusals.of(slot)
  if (refused === undefined) return seen
  if ((ledger !== undefined && isBefore(refused.fence, ledger.fence)) || isServingSince(refused, seen)) {
    refusals.forget(slot)
    return seen
  }
  const { workload, count, problem } = refused
  const { release, artifact } = workload
  if (seen?.release === release) return { ...seen, problem: seen.problem ?? problem }
  return { release, artifact: artifact.digest, desired: count, ready: 0, total: seen?.total ?? 0, problem }
}

/** What was there when the release was refused serves while that is told: only a third one is news. */
const isServingSince = ({ workload, instead }: Refused, seen: SlotObservation | undefined): boolean =>
  seen !== undefined && seen.ready > 0 && ![workload.release, instead].includes(seen.release)

/** Nobody knows who is where: nobody lets a color go while it may have users. */
const MIXED = { weights: { blue: 50, green: 50 }, isMoving: true } as const

function observedWeights(
  traffic: Traffic,
  { ledger }: ServiceView,
): Pick<Observation, 'weights' | 'moved' | 'isMoving'> {
  if (traffic.kind === 'closed') return {}
  if (traffic.kind === 'confirmed') {
    const { weights, moved } = traffic
    return moved === undefined ? { weights } : { weights, moved }
  }
  const isFirst = ledger?.move !== undefined && ledger.move.before === undefined
  return isFirst ? {} : MIXED
}
