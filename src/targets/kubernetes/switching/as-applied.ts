import type { KubernetesObject, Metadata } from '../../../render/kubernetes/kubernetes-object.ts'
import type { ClusterObject } from '../api/cluster-object.ts'

/** A live object with other content, as it is applied: what Sluice leaves out of what it applied before would be removed. */
export function asApplied(live: ClusterObject, spec: object, annotations: Metadata['annotations'] = {}) {
  const { apiVersion, kind, metadata } = live
  const { name, namespace, labels = {} } = metadata
  const object: KubernetesObject = {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations: { ...metadata.annotations, ...annotations },
    },
    spec,
  }
  return object
}
