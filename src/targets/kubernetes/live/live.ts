import { formatWeights, sameWeights } from '../../../model/color.ts'
import { UserError } from '../../../model/user-error.ts'
import type { KubernetesObject } from '../../../render/kubernetes/kubernetes-object.ts'
import { NAME_LENGTH } from '../../../render/kubernetes/kubernetes-object.ts'
import { fitName } from '../../../render/names.ts'
import type { Expected, Live, LiveDifference, ServiceRef } from '../../target.ts'
import { type Cluster, FIELD_MANAGER, type ObjectPlace } from '../api/cluster.ts'
import { type ClusterObject, KINDS, type ManagedFields, type ObjectKind } from '../api/cluster-object.ts'
import type { Pod } from '../live-objects.ts'
import { isReadyPod } from '../pod-trouble.ts'
import { colorOf, readFresh } from '../read-view.ts'
import { moreOf } from '../release-plan.ts'
import type { ServiceView } from '../service-view.ts'
import type { TargetParts } from '../target-parts.ts'
import { againWhenChanged } from '../when-changed.ts'
import { comparable, differencesOf } from './compare.ts'
import { mergePatch } from './merge-patch.ts'
import { wantedObjects } from './wanted-objects.ts'

/** What is in the cluster, compared with what Sluice would have made of it alone. */
export function createLive(parts: TargetParts): Live {
  return {
    async differences(service, expected, signal) {
      const seen = await look(parts, { service, expected, signal })
      return seen.flatMap(({ differences }) => differences)
    },
    async repair(service, expected, signal) {
      // What one try has put right the next one does not find any more.
      const found = new Map<string, LiveDifference>()
      await againWhenChanged(async () => {
        const seen = await look(parts, { service, expected, signal, isFor: 'repair' })
        for (const each of seen.flatMap(({ differences }) => differences))
          found.set(`${each.object} ${each.field}`, each)
        for (const each of seen)
          if (each.differences.length > 0 || isHalfRight(each)) await putRight(parts, each, signal)
      })
      return [...found.values()]
    },
  }
}

interface Seen {
  /** As it is applied. */
  readonly object: KubernetesObject
  /** As the API server would keep it, had nobody else ever written to it. */
  readonly whole: KubernetesObject
  readonly live: ClusterObject | undefined
  readonly differences: readonly LiveDifference[]
}

async function look(
  parts: TargetParts,
  o: {
    readonly service: ServiceRef
    readonly expected: Expected
    readonly signal: AbortSignal
    readonly isFor?: 'repair'
  },
): Promise<readonly Seen[]> {
  const view = await readFresh(parts, o.service.service, o.signal)
  if (o.isFor === 'repair') refuseOldExpectation(view, o.expected)
  const wanted = await wantedObjects(parts, view, o.expected)
  return await Promise.all(wanted.map(object => lookAt(parts, object, o.signal)))
}

/** Users whom Sluice itself has moved since, or who would come to nobody, are not sent anywhere by a repair. */
function refuseOldExpectation(view: ServiceView, { weights }: Expected): void {
  if (weights === undefined) return
  const sent = view.ledger?.move?.weights
  if (sent !== undefined && !sameWeights(sent, weights)) {
    throw new UserError(
      view.service,
      `users were sent to ${formatWeights(sent)} meanwhile, and not to ${formatWeights(weights)}; nothing was changed`,
      'look at `sluice status` and ask again',
    )
  }
  const color = moreOf(weights, 'blue')
  if (view.pods.some(pod => colorOf(pod) === color && isReadyPod(pod as Pod))) return
  throw new UserError(
    view.service,
    `${color} should have the users and has no instance that is ready; nothing was changed`,
    'promote a release, or bring instances up, and ask again',
  )
}

async function lookAt(
  { cluster }: TargetParts,
  object: KubernetesObject,
  signal: AbortSignal,
): Promise<Seen> {
  const [live, whole] = await Promise.all([
    cluster.get(kindOf(object), object.metadata.name, signal),
    cluster.apply(underAnotherName(object), { signal, dryRun: true }),
  ])
  const own = { ...whole, metadata: object.metadata }
  return { object, whole: own, live, differences: differencesOf(own, live) }
}

/** The API server fills in what nobody wrote; under a name that is free it mixes in nothing of what is in place. */
function underAnotherName(object: KubernetesObject): KubernetesObject {
  return {
    ...object,
    metadata: { ...object.metadata, name: fitName(`${object.metadata.name}-as-released`, NAME_LENGTH) },
  }
}

/** First all fields become what they should be, whoever's they are; then those of the release are Sluice's again. */
async function putRight({ cluster }: TargetParts, seen: Seen, signal: AbortSignal): Promise<void> {
  const { object, whole, live } = seen
  const place = { kind: kindOf(object), name: object.metadata.name }
  const patch = live && mergePatch(comparable(live), comparable(whole))
  const patched =
    live === undefined || patch === undefined
      ? live
      : await cluster.patch(place, patch as object, {
          signal,
          resourceVersion: live.metadata.resourceVersion,
        })
  const present = patched && (await disown(cluster, place, { patched, signal }))
  // Whatever changed since it was looked at is looked at again.
  const version = present === undefined ? {} : { resourceVersion: present.metadata.resourceVersion }
  await cluster.apply(object, { signal, takeOver: true, ...version })
}

/** What Sluice set by an update would stand against its own next apply, as if it were somebody else's. */
async function disown(
  cluster: Cluster,
  place: ObjectPlace,
  { patched, signal }: { readonly patched: ClusterObject; readonly signal: AbortSignal },
): Promise<ClusterObject> {
  const { managedFields = [], resourceVersion } = patched.metadata
  const others = managedFields.filter(each => !isOwnUpdate(each))
  // An empty list would be taken for a wish to have them made anew.
  if (others.length === 0 || others.length === managedFields.length) return patched
  return await cluster.patch(place, { metadata: { managedFields: others } }, { signal, resourceVersion })
}

const isOwnUpdate = ({ manager, operation, subresource, fieldsV1 }: ManagedFields): boolean =>
  manager === FIELD_MANAGER &&
  operation === 'Update' &&
  subresource === undefined &&
  Object.keys(fieldsV1 ?? {}).some(field => field !== 'f:metadata')

/** Somebody came between, or a process ended, after the fields were what they should be and before they were Sluice's. */
const isHalfRight = ({ live }: Seen): boolean => live?.metadata.managedFields?.some(isOwnUpdate) ?? false

function kindOf({ apiVersion, kind }: KubernetesObject): ObjectKind {
  const found = Object.values(KINDS).find(each => each.kind === kind && each.apiVersion === apiVersion)
  if (found === undefined) throw new Error(`${apiVersion} ${kind} is no kind that Sluice makes`)
  return found
}
