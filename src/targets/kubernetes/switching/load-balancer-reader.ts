import type { ClusterObject } from '../api/cluster-object.ts'
import type { Share } from './shares.ts'

/** Reads the load balancer of AWS that stands behind an Ingress, where there is access to AWS. */
export interface LoadBalancerReader {
  /**
   * As it is at this moment; undefined where none was made for the Ingress yet. Fails with `TargetUnavailable` where AWS
   * does not answer or refuses.
   */
  read(ingress: ClusterObject, signal: AbortSignal): Promise<BalancerState | undefined>
}

export interface BalancerState {
  /** Of every listener rule that was made of the Ingress, redirects aside: the parts of its target groups. */
  readonly rules: readonly (readonly Share[])[]
  /** Health of targets, by name of the Service whose target group they are in. */
  readonly targets: ReadonlyMap<string, { readonly healthy: number; readonly registered: number }>
}
