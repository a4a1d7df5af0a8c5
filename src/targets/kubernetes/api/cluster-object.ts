import type { KubernetesObject, Metadata } from '../../../render/kubernetes/kubernetes-object.ts'

/** An object as the API server gives it back. */
export interface ClusterObject extends KubernetesObject {
  readonly metadata: LiveMetadata
}

export interface LiveMetadata extends Metadata {
  readonly uid: string
  readonly resourceVersion: string
  /** Grows with every change of what is wanted; absent where an object wants nothing. */
  readonly generation?: number
  readonly creationTimestamp: string
  readonly deletionTimestamp?: string
  readonly ownerReferences?: readonly OwnerReference[]
  readonly managedFields?: readonly ManagedFields[]
}

export interface OwnerReference {
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
}

/** Who set which fields, and when (Kubernetes, "Server-Side Apply"). */
export interface ManagedFields {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly subresource?: string
  readonly time?: string
  readonly fieldsV1?: unknown
}

/** A kind of object in a namespace, and where the API server has it. */
export interface ObjectKind {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
}

export const KINDS = {
  configMap: { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' },
  deployment: { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments' },
  disruptionBudget: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets' },
  endpointSlice: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', plural: 'endpointslices' },
  event: { apiVersion: 'v1', kind: 'Event', plural: 'events' },
  autoscaler: {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
  },
  httpRoute: { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', plural: 'httproutes' },
  ingress: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', plural: 'ingresses' },
  pod: { apiVersion: 'v1', kind: 'Pod', plural: 'pods' },
  replicaSet: { apiVersion: 'apps/v1', kind: 'ReplicaSet', plural: 'replicasets' },
  secret: { apiVersion: 'v1', kind: 'Secret', plural: 'secrets' },
  secretProviderClass: {
    apiVersion: 'secrets-store.csi.x-k8s.io/v1',
    kind: 'SecretProviderClass',
    plural: 'secretproviderclasses',
  },
  service: { apiVersion: 'v1', kind: 'Service', plural: 'services' },
  serviceAccount: { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts' },
} as const satisfies Readonly<Record<string, ObjectKind>>

/** `Deployment web-green`, as messages name an object. */
export const nameOf = (object: Pick<KubernetesObject, 'kind' | 'metadata'>): string =>
  `${object.kind} ${object.metadata.name}`
