import type { Color } from '../../model/color.ts'
import type { EnvironmentPlan } from '../../render/kubernetes/environment-plan.ts'
import type { ClusterObject } from './api/cluster-object.ts'
import type { Ledger } from './ledger.ts'

/** All that the cluster has of one service at one moment, as watches or fresh readings gave it. */
export interface ServiceView {
  readonly environment: EnvironmentPlan
  readonly service: string
  /** Undefined before the first act. */
  readonly ledger: Ledger | undefined
  readonly deployments: { readonly [color in Color]?: ClusterObject }
  readonly replicaSets: readonly ClusterObject[]
  /** Of both colors. */
  readonly pods: readonly ClusterObject[]
  /** Services by name: `web`, `web-preview`, `web-blue`, `web-green`. */
  readonly services: ReadonlyMap<string, ClusterObject>
  /** By the name of the Service that they belong to. */
  readonly endpoints: ReadonlyMap<string, readonly ClusterObject[]>
  /** HTTPRoutes or Ingresses of the service, by name. */
  readonly routes: readonly ClusterObject[]
  readonly autoscaler: ClusterObject | undefined
}
