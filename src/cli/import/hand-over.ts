import type { KubernetesObject } from '../../render/kubernetes/kubernetes-object.ts'
import {
  type Cluster,
  FIELD_MANAGER,
  FieldsOwned,
  type OwnedField,
  RequestRefused,
} from '../../targets/kubernetes/api/cluster.ts'
import { nameOf } from '../../targets/kubernetes/api/cluster-object.ts'
import { kindOf } from '../../targets/kubernetes/api/resource-path.ts'

/** What became of the fields of one object that Sluice will set. */
export type HandOver =
  /** Nobody has such an object: Sluice makes it. */
  | { readonly kind: 'absent'; readonly object: string }
  /** Sluice may set all of them already. */
  | { readonly kind: 'free'; readonly object: string }
  /** They belong to nobody now, with the values that they had. */
  | { readonly kind: 'handed-over'; readonly object: string; readonly fields: readonly OwnedField[] }
  /** The API server would not take Sluice's object at all: its own words. */
  | { readonly kind: 'refused'; readonly object: string; readonly why: string }

/**
 * Lets Sluice set the fields of an object that belong to others today, and changes no value: users notice nothing. The API
 * server itself says who would own what after a forced apply, which is not kept (dry run); who owns what is then written
 * down as it said (Kubernetes, "Server-Side Apply", transferring ownership).
 */
export async function handOver(
  cluster: Pick<Cluster, 'get' | 'apply' | 'patch'>,
  object: KubernetesObject,
  signal: AbortSignal,
): Promise<HandOver> {
  const [name, kind] = [nameOf(object), kindOf(object)]
  const live = await cluster.get(kind, object.metadata.name, signal)
  if (live === undefined) return { kind: 'absent', object: name }
  const { resourceVersion } = live.metadata
  const trial = { signal, dryRun: true, resourceVersion }
  try {
    await cluster.apply(object, trial)
    return { kind: 'free', object: name }
  } catch (error) {
    if (!(error instanceof RequestRefused) || !error.isFinal) throw error
    if (!(error instanceof FieldsOwned)) return { kind: 'refused', object: name, why: error.message }
    const forced = await forcedTrial(() => cluster.apply(object, { ...trial, takeOver: true }))
    if (typeof forced === 'string') return { kind: 'refused', object: name, why: forced }
    const managedFields = (forced.metadata.managedFields ?? []).filter(
      ({ manager, operation }) => manager !== FIELD_MANAGER || operation !== 'Apply',
    )
    const place = { kind, name: object.metadata.name }
    await cluster.patch(place, { metadata: { managedFields } }, { signal, resourceVersion })
    return { kind: 'handed-over', object: name, fields: error.owned }
  }
}

/** The API server's words where it would refuse even then. */
async function forcedTrial<T>(apply: () => Promise<T>): Promise<T | string> {
  try {
    return await apply()
  } catch (error) {
    if (error instanceof RequestRefused && error.isFinal) return error.message
    throw error
  }
}
