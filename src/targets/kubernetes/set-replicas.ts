import type { Cluster } from './api/cluster.ts'
import { type ClusterObject, KINDS } from './api/cluster-object.ts'
import type { Deployment } from './live-objects.ts'

/** Kubernetes starts one where no number is written. */
export const replicasOf = (object: ClusterObject): number => (object as Deployment).spec.replicas ?? 1

/** By the scale subresource, which the autoscaler writes as well. Fails with `ObjectChanged` where the Deployment is another by now. */
export async function setReplicas(
  cluster: Cluster,
  o: { readonly deployment: ClusterObject; readonly count: number; readonly signal: AbortSignal },
): Promise<ClusterObject> {
  const { deployment, count, signal } = o
  if (replicasOf(deployment) === count) return deployment
  const { name, resourceVersion } = deployment.metadata
  const place = { kind: KINDS.deployment, name, subresource: 'scale' }
  const scaled = await cluster.patch(place, { spec: { replicas: count } }, { signal, resourceVersion })
  const { spec, metadata } = deployment as Deployment
  return {
    ...deployment,
    metadata: { ...metadata, resourceVersion: scaled.metadata.resourceVersion },
    spec: { ...spec, replicas: count },
  }
}
