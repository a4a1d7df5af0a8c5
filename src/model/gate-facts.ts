import type { Actor } from './actor.ts'
import type { Instant } from './instant.ts'
import type { EnvironmentPolicy, Freeze } from './policy.ts'
import type { Release } from './release.ts'
import type { Approval, Check } from './review.ts'

/** Everything that the question "may this release enter this environment now?" rests on. */
export interface GateFacts {
  readonly release: Release
  readonly environment: EnvironmentPolicy
  readonly by: Actor
  readonly breakGlass: boolean
  readonly checks: readonly Check[]
  readonly approvals: readonly Approval[]
  readonly freezes: readonly Freeze[]
  /** How the release fared in the environment before; undefined for the first environment. */
  readonly before?: PassedThrough
  /** How it fared here, earlier. */
  readonly here: { readonly failed: boolean; readonly rolledBack: boolean }
  /** A promotion that runs here now. */
  readonly running?: string
  /** Services that users are on here and that the release does not have. */
  readonly leftBehind: readonly string[]
}

export interface PassedThrough {
  /** When it last succeeded there. */
  readonly succeededAt?: Instant
  /** When another release took its place there. */
  readonly replacedAt?: Instant
  readonly rolledBack: boolean
}
