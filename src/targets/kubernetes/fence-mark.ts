import type { Fence } from '../../model/fence.ts'
import type { KubernetesObject } from '../../render/kubernetes/kubernetes-object.ts'
import type { Cluster } from './api/cluster.ts'
import { type ClusterObject, KINDS } from './api/cluster-object.ts'

/**
 * The fence of the act that touched an object last. An act that changes nothing else leaves another resourceVersion all
 * the same, so what an overtaken act sends late is refused.
 */
export const FENCE_MARK = 'sluice.dev/fence'

const textOf = (fence: Fence): string => fence.join('.')

/** For whatever is applied in the act. */
export function marked(object: KubernetesObject, fence: Fence): KubernetesObject {
  const { metadata } = object
  const annotations = { ...metadata.annotations, [FENCE_MARK]: textOf(fence) }
  return { ...object, metadata: { ...metadata, annotations } }
}

/**
 * As a label, because annotations of a Deployment count as a change of what is wanted (its generation grows, and its
 * ReplicaSets get them too); by an update, because an apply would have to hold the whole Deployment. Fails with
 * `ObjectChanged` where the Deployment is another by now.
 */
export async function markDeployment(
  cluster: Cluster,
  o: { readonly deployment: ClusterObject; readonly fence: Fence; readonly signal: AbortSignal },
): Promise<ClusterObject> {
  const { deployment, fence, signal } = o
  const { name, resourceVersion, labels } = deployment.metadata
  if (labels?.[FENCE_MARK] === textOf(fence)) return deployment
  const patch = { metadata: { labels: { [FENCE_MARK]: textOf(fence) } } }
  return await cluster.patch({ kind: KINDS.deployment, name }, patch, { signal, resourceVersion })
}
