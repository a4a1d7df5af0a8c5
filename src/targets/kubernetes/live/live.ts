import type { KubernetesObject } from '../../../render/kubernetes/kubernetes-object.ts'
import { NAME_LENGTH } from '../../../render/kubernetes/kubernetes-object.ts'
import { fitName } from '../../../render/names.ts'
import type { Expected, Live, LiveDifference, ServiceRef } from '../../target.ts'
import { type ClusterObject, KINDS, type ObjectKind } from '../api/cluster-object.ts'
import { readFresh } from '../read-view.ts'
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
      return await againWhenChanged(async () => {
        const seen = await look(parts, { service, expected, signal })
        for (const each of seen) if (each.differences.length > 0) await putRight(parts, each, signal)
        return seen.flatMap(({ differences }) => differences)
      })
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
  o: { readonly service: ServiceRef; readonly expected: Expected; readonly signal: AbortSignal },
): Promise<readonly Seen[]> {
  const view = await readFresh(parts, o.service.service, o.signal)
  const wanted = await wantedObjects(parts, view, o.expected)
  return await Promise.all(wanted.map(object => lookAt(parts, object, o.signal)))
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
  if (live !== undefined) {
    const patch = mergePatch(comparable(live), comparable(whole))
    const { resourceVersion } = live.metadata
    const place = { kind: kindOf(object), name: object.metadata.name }
    if (patch !== undefined) await cluster.patch(place, patch as object, { signal, resourceVersion })
  }
  await cluster.apply(object, { signal, takeOver: true })
}

function kindOf({ apiVersion, kind }: KubernetesObject): ObjectKind {
  const found = Object.values(KINDS).find(each => each.kind === kind && each.apiVersion === apiVersion)
  if (found === undefined) throw new Error(`${apiVersion} ${kind} is no kind that Sluice makes`)
  return found
}
