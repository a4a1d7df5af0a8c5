import type { ClusterObject } from '../api/cluster-object.ts'
import type { Condition } from '../live-objects.ts'

/** What is read of an HTTPRoute (Gateway API, v1). */
export interface HttpRoute extends ClusterObject {
  readonly spec?: {
    readonly parentRefs?: readonly ParentRef[]
    readonly rules?: readonly { readonly backendRefs?: readonly BackendRef[] }[]
  }
  readonly status?: { readonly parents?: readonly RouteParent[] }
}

export interface ParentRef {
  readonly group?: string
  readonly kind?: string
  /** The route's own without it. */
  readonly namespace?: string
  readonly name: string
  readonly sectionName?: string
  readonly port?: number
}

export interface BackendRef {
  readonly group?: string
  readonly kind?: string
  readonly namespace?: string
  readonly name: string
  /** 1 without it. */
  readonly weight?: number
}

export interface RouteParent {
  readonly parentRef: ParentRef
  readonly conditions?: readonly RouteCondition[]
}

export interface RouteCondition extends Condition {
  readonly observedGeneration?: number
}

/** What is read of an Ingress (networking.k8s.io/v1). */
export interface Ingress extends ClusterObject {
  readonly spec?: {
    readonly defaultBackend?: IngressBackend
    readonly rules?: readonly {
      readonly http?: { readonly paths?: readonly { readonly backend: IngressBackend }[] }
    }[]
  }
}

export interface IngressBackend {
  readonly service?: {
    readonly name: string
    readonly port?: { readonly name?: string; readonly number?: number }
  }
}

/** What is read of a Service (core/v1). */
export interface LiveService extends ClusterObject {
  readonly spec?: { readonly selector?: Readonly<Record<string, string>> }
}
