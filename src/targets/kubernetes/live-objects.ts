import type { ClusterObject } from './api/cluster-object.ts'

/** What is read of a Deployment (Kubernetes API, apps/v1). */
export interface Deployment extends ClusterObject {
  readonly spec: { readonly replicas?: number; readonly template: PodTemplate }
}

export interface ReplicaSet extends ClusterObject {
  readonly spec: { readonly replicas?: number; readonly template: PodTemplate }
  readonly status?: { readonly conditions?: readonly Condition[] }
}

export interface PodTemplate {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> }
  readonly spec: PodSpec
}

/** What is read of a Pod (core/v1). */
export interface Pod extends ClusterObject {
  readonly spec: PodSpec
  readonly status?: {
    readonly phase?: string
    readonly conditions?: readonly Condition[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
    readonly containerStatuses?: readonly ContainerStatus[]
  }
}

export interface PodSpec {
  readonly nodeName?: string
  readonly containers: readonly Container[]
  readonly volumes?: readonly Volume[]
  readonly readinessGates?: readonly { readonly conditionType: string }[]
}

export interface Container {
  readonly name: string
  readonly image?: string
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[]
  readonly readinessProbe?: ReadinessProbe
  readonly envFrom?: readonly {
    readonly configMapRef?: Named
    readonly secretRef?: Named
  }[]
  readonly env?: readonly {
    readonly valueFrom?: { readonly configMapKeyRef?: Named; readonly secretKeyRef?: Named }
  }[]
}

export interface ReadinessProbe {
  readonly httpGet?: { readonly path?: string }
  readonly initialDelaySeconds?: number
  readonly periodSeconds?: number
  readonly failureThreshold?: number
}

export interface Volume {
  readonly configMap?: Named
  readonly secret?: { readonly secretName?: string }
}

export interface Named {
  readonly name?: string
}

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
}

export interface ContainerStatus {
  readonly name: string
  readonly ready: boolean
  readonly started?: boolean
  readonly restartCount: number
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly running?: { readonly startedAt?: string }
  readonly terminated?: Ended
}

export interface Ended {
  readonly exitCode: number
  readonly signal?: number
  readonly reason?: string
  readonly message?: string
}

/** What is read of an Event (core/v1). */
export interface ClusterEvent extends ClusterObject {
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
}

/** What is read of an EndpointSlice (discovery.k8s.io/v1). */
export interface EndpointSlice extends ClusterObject {
  readonly endpoints?: readonly {
    readonly conditions?: { readonly ready?: boolean }
    readonly targetRef?: { readonly kind?: string; readonly name?: string; readonly uid?: string }
  }[]
}

export const conditionOf = (
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined => conditions?.find(each => each.type === type)

export const isTrue = (condition: Condition | undefined): boolean => condition?.status === 'True'
