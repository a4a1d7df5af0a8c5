import type { Color, Weights } from '../../model/color.ts'
import type { Digest } from '../../model/digest.ts'
import type { Fence } from '../../model/fence.ts'
import type { ReleaseId } from '../../model/release.ts'
import type { ServiceSpec } from '../../model/service-spec.ts'

/**
 * What Sluice keeps of a service in the cluster itself, in the ConfigMap `web.turn`: who acted last, and what a switch has
 * to know of each color. Never what can be seen elsewhere.
 */
export interface Ledger {
  /** Of the ConfigMap, for the next change. */
  readonly resourceVersion: string
  readonly fence: Fence
  readonly colors: { readonly [color in Color]?: ColorEntry }
  /** The last change of weights; undefined before the first. */
  readonly move?: Move
}

export interface ColorEntry {
  readonly release: ReleaseId
  readonly artifact: Digest
  readonly repository: string
  /** Without the content of `config` and `files`, which ConfigMaps hold. */
  readonly spec: ServiceSpec
  /** Versions of the secrets that Sluice brought there, by name. */
  readonly secrets?: Readonly<Record<string, string>>
}

export interface Move {
  readonly weights: Weights
  /** What users had before. */
  readonly before?: Weights
  /** Of the fence that asked for it; undefined where an earlier version wrote it. */
  readonly epoch?: number
  /** The rollout's number (of the fence) that asked for it. */
  readonly rollout: number
  /** Milliseconds since the epoch, by Sluice's clock. */
  readonly at: number
  /** When new connections were seen to go there. */
  readonly newAt?: number
  /** When connections that were open before were seen to be gone. */
  readonly drainedAt?: number
  /** Pods of the color that users left, by uid, which may have open connections. */
  readonly left?: readonly string[]
  /** Those of `left` that said themselves that no connection from before is open any more. */
  readonly letGo?: readonly string[]
  /** The same rollout had sent users the other way: what they leave is the color that failed. */
  readonly isBack?: boolean
  /** What whoever moves the traffic said last of this change, where it went wrong: in its own words. */
  readonly said?: string
}
