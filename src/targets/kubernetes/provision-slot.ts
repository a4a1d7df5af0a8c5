import { type Color, otherColor, weightsFor } from '../../model/color.ts'
import type { Workload } from '../../model/release.ts'
import { UserError } from '../../model/user-error.ts'
import { configMaps, type ServiceConfig, serviceConfig } from '../../render/kubernetes/config-maps.ts'
import { ARTIFACT_ANNOTATION, deployment } from '../../render/kubernetes/deployment.ts'
import type { KubernetesObject } from '../../render/kubernetes/kubernetes-object.ts'
import { hasColors, stateObjects } from '../../render/kubernetes/service-objects.ts'
import type { ServicePlan } from '../../render/kubernetes/service-plan.ts'
import { slotName } from '../../render/names.ts'
import type { Slot, Turn } from '../target.ts'
import { readSecrets } from '../workload-secrets.ts'
import { type Cluster, RequestRefused } from './api/cluster.ts'
import type { ClusterObject } from './api/cluster-object.ts'
import { markDeployment, marked } from './fence-mark.ts'
import type { ReplicaSet } from './live-objects.ts'
import { releasedIn } from './observe-service.ts'
import { colorOf, readFresh } from './read-view.ts'
import {
  activeColor,
  entryOf,
  holdsSecrets,
  imageOf,
  keptEntry,
  releasePlan,
  secretObject,
} from './release-plan.ts'
import type { ServiceView } from './service-view.ts'
import { replicasOf, setReplicas } from './set-replicas.ts'
import { refuseOvertaken, takeTurn } from './take-turn.ts'
import type { TargetMemory } from './target-memory.ts'
import type { TargetParts } from './target-parts.ts'
import { versionOf } from './version-of.ts'
import { againWhenChanged } from './when-changed.ts'

export interface Provision {
  readonly slot: Slot
  readonly workload: Workload
  readonly count: number
  readonly turn: Turn
}

/** Applies all that the release is made of, what others need first, and then the Deployment that starts instances. */
export async function provisionSlot(
  parts: TargetParts,
  memory: TargetMemory,
  provision: Provision,
): Promise<void> {
  const { slot, workload, count, turn } = provision
  const values = await secretValues(parts, workload)
  let instead: ClusterObject | undefined
  try {
    await againWhenChanged(async () => {
      const view = await readFresh(parts, slot.service, turn.signal)
      instead = view.deployments[slot.color]
      await applyRelease(parts, provision, { view, values })
    })
    memory.refusals.forget(slot)
  } catch (error) {
    if (error instanceof RequestRefused && error.isFinal) {
      const release = instead && releasedIn(instead).release
      const { fence } = turn
      const refused = { workload, count, fence, instead: release, problem: error.message }
      memory.refusals.remember(slot, refused)
    }
    throw error
  }
}

/** Empty where the cluster gets them from elsewhere. */
async function secretValues(
  { environment, readSecret }: TargetParts,
  workload: Workload,
): Promise<Readonly<Record<string, string>>> {
  const plan = releasePlan(environment, workload, 'blue')
  return holdsSecrets(plan, workload) ? await readSecrets(workload, readSecret) : {}
}

async function applyRelease(
  parts: TargetParts,
  { slot, workload, count, turn }: Provision,
  { view, values }: { readonly view: ServiceView; readonly values: Readonly<Record<string, string>> },
): Promise<void> {
  const { cluster } = parts
  const { signal } = turn
  refuseOvertaken(view.ledger, slot, turn.fence)
  await verify(parts, view, { slot, workload, turn })
  const colors = { ...view.ledger?.colors, [slot.color]: keptEntry(entryOf(workload)) }
  await takeTurn(parts, { service: slot, ledger: view.ledger, fence: turn.fence, change: { colors }, signal })
  const plan = releasePlan(parts.environment, workload, activeColor(view.ledger, slot.color))
  const own = await withMark(cluster, view, { slot, turn })
  await Promise.all(supports(plan, values).map(async object => await cluster.apply(object, { signal })))
  for (const object of deploymentsOf(plan, own, { slot, count })) {
    const applied = await cluster.apply(object, { signal, ...versionOf(own, object) })
    if (object.metadata.name !== slotName(slot.service, slot.color)) continue
    // With users there its number is the autoscaler's: fewer would only be made more again.
    const isEnough = replicasOf(applied) > count && isScaled(view, applied)
    if (!isEnough) await setReplicas(cluster, { deployment: applied, count, signal })
  }
  // What is replaced in place is never shifted again, and the new release may have other ways in.
  if (hasColors(plan) || view.ledger?.move === undefined) return
  for (const object of parts.way.objects(plan, weightsFor(slot.color, 100), view))
    await cluster.apply(marked(object, turn.fence), { signal, ...versionOf(view, object) })
}

/** The slot's Deployment as it is from this act on. */
async function withMark(
  cluster: Cluster,
  view: ServiceView,
  { slot, turn: { fence, signal } }: Pick<Provision, 'slot' | 'turn'>,
): Promise<ServiceView> {
  const deployment = view.deployments[slot.color]
  if (deployment === undefined) return view
  const own = await markDeployment(cluster, { deployment, fence, signal })
  return { ...view, deployments: { ...view.deployments, [slot.color]: own } }
}

/** What the color has, or had, was verified when it came, and a rollback does not wait for a registry. */
async function verify(
  { verifyImage }: TargetParts,
  view: ServiceView,
  { slot, workload, turn }: Pick<Provision, 'slot' | 'workload' | 'turn'>,
): Promise<void> {
  const image = imageOf(workload)
  if (hasRun(view, slot.color).includes(image.digest)) return
  const problem = await verifyImage(image, turn.signal)
  if (problem === undefined) return
  throw new UserError(`${slot.service} ${slot.color}`, `not provisioned: ${problem}`, 'nothing was changed')
}

function hasRun({ deployments, replicaSets }: ServiceView, color: Color): readonly (string | undefined)[] {
  const present = deployments[color]
  const former = (replicaSets as readonly ReplicaSet[]).filter(each => colorOf(each) === color)
  return [
    present && releasedIn(present).artifact,
    ...former.map(({ spec }) => spec.template.metadata?.annotations?.[ARTIFACT_ANNOTATION]),
  ]
}

/** What instances need before they are started. None of it brings users anywhere. */
export const supports = (
  plan: ServicePlan,
  values: Readonly<Record<string, string>>,
): readonly KubernetesObject[] => [
  ...secretObject(plan, values),
  ...configMaps(plan, serviceConfig(plan)),
  ...stateObjects(plan),
]

/** The slot's own, with the number that it has, and the other color's where there is none yet. */
export function deploymentsOf(
  plan: ServicePlan,
  { deployments }: Pick<ServiceView, 'deployments'>,
  { slot, count }: Pick<Provision, 'slot' | 'count'>,
): readonly KubernetesObject[] {
  const config: ServiceConfig = serviceConfig(plan)
  const other = otherColor(slot.color)
  const present = deployments[slot.color]
  const own = deployment(plan, {
    color: slot.color,
    config,
    replicas: present === undefined ? count : replicasOf(present),
  })
  if (!hasColors(plan) || deployments[other] !== undefined) return [own]
  return [deployment(plan, { color: other, config, replicas: 0 }), own]
}

function isScaled({ autoscaler }: ServiceView, { metadata: { name } }: ClusterObject): boolean {
  const { spec } = (autoscaler ?? {}) as {
    readonly spec?: { readonly scaleTargetRef?: { readonly name?: string } }
  }
  return spec?.scaleTargetRef?.name === name
}
