import type { Promotion } from '../../model/promotion.ts'
import type { Release } from '../../model/release.ts'
import type { Approval, Check, Token } from '../../model/review.ts'
import type { Rollout } from '../../model/rollout.ts'

/** GET /releases/:ref */
export type ReleaseAnswer = Release & {
  readonly promotions: readonly Promotion[]
  readonly checks: readonly Check[]
  readonly approvals: readonly Approval[]
}

/** GET /promotions/:id */
export type PromotionAnswer = Promotion & { readonly rollouts: readonly Rollout[] }

/** GET /whoami */
export interface WhoamiAnswer {
  readonly name: string
  readonly kind: 'person' | 'automation' | 'sluice'
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
}

/** Tokens as the server shows them: never the token, never its hash. */
export type TokenAnswer = Omit<Token, 'hash'>

export interface SecretAnswer {
  readonly name: string
  readonly version: string
}
