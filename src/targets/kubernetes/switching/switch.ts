import type { Weights } from '../../../model/color.ts'
import type { Fence } from '../../../model/fence.ts'
import type { KubernetesObject } from '../../../render/kubernetes/kubernetes-object.ts'
import type { ServicePlan } from '../../../render/kubernetes/service-plan.ts'
import type { Cluster } from '../api/cluster.ts'
import type { Move } from '../ledger.ts'
import type { ServiceView } from '../service-view.ts'

/** What the traffic layer says of the users of a service. */
export type Traffic =
  /** Nobody was ever sent anywhere. */
  | { readonly kind: 'closed' }
  /** As it is in effect. `moved` in words where new and open connections do not move together. */
  | { readonly kind: 'confirmed'; readonly weights: Weights; readonly moved?: string }
  /** Asked for and not seen in effect (yet): `waitsFor` in words, with the controller's own where there are some. */
  | { readonly kind: 'unconfirmed'; readonly weights: Weights; readonly waitsFor: string }

/**
 * How an environment sends users to colors; chosen by `kubernetes.switch`, and by the ingress class. Made once: it keeps
 * what is on its way from one call to the next, and nothing that could not be found out again.
 */
export interface Switch {
  /** What stands against such a service, in words with the remedy; for preflight. */
  problems(plan: ServicePlan): readonly string[]
  /** Reads the view and nothing else. */
  read(view: ServiceView, now: number): Traffic
  /**
   * The change that shifting begins, or the present one where it goes on with it: kept in the ledger before the objects
   * are applied. Reads the view and nothing else, which must be a fresh one.
   */
  begin(view: ServiceView, change: Change): Move
  /**
   * Why users must not be sent as the move says yet, in words: instances that whoever moves the traffic does not know as
   * ready, or a Gateway that has not taken the routes. Empty when they may go. Moves nobody: it attaches routes, as they
   * are, to a Gateway that is asked for, for it would never answer else.
   */
  obstacles(look: Look): Promise<readonly string[]>
  /**
   * The objects that send users as the weights say, as `render` writes them, in the order in which they are applied.
   * `plan.active` is the color with more of them. Complete each time: applying what is there already changes nothing.
   * Routes that are live and wanted no more are among them, with their own rules.
   */
  objects(plan: ServicePlan, weights: Weights, view: ServiceView): readonly KubernetesObject[]
  /**
   * Does what confirmation of the ledger's move needs beyond the objects, or the next part of it: reads events, drains.
   * Called again until `read` confirms; waits for nothing longer than a second or two. Does nothing while somebody else's
   * weights are live.
   */
  pursue(o: Pursuit): Promise<void>
  /** Ends what is on its way. */
  close(): void
}

export interface Change {
  readonly weights: Weights
  /** Of the act: it tells which rollout of which store asks. */
  readonly fence: Fence
  /** Milliseconds since the epoch. */
  readonly now: number
}

export interface Look {
  readonly cluster: Cluster
  readonly view: ServiceView
  /** What `begin` gave. */
  readonly move: Move
  readonly signal: AbortSignal
}

export interface Pursuit extends Omit<Look, 'move'> {
  readonly now: number
  /** Keeps what was learnt of the present move in the service's ledger. */
  readonly note: (learnt: Learnt) => Promise<void>
}

export type Learnt = Partial<Pick<Move, 'newAt' | 'drainedAt' | 'left' | 'letGo' | 'said'>>
