import type { ClusterObject, ObjectKind } from '../cluster-object.ts'

/** As it is kept: without who set which field, which is often half of an object, and with the kind that lists leave out. */
export function lean(object: ClusterObject, { apiVersion, kind }: ObjectKind): ClusterObject {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, apiVersion, kind, metadata }
}
