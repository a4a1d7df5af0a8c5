import type { EnvironmentPolicy } from '../model/policy.ts'
import type { Promotion } from '../model/promotion.ts'
import type { Rollout } from '../model/rollout.ts'
import type { EngineParts } from './parts.ts'

export type Recorded = 'recorded' | 'conflict'

/** A promotion as it was just read. */
export interface Look {
  readonly promotion: Promotion
  readonly rollouts: readonly Rollout[]
  /** See `openPriors`. */
  readonly settledPriors: Set<string>
}

/** What became of looking at a promotion once: `idle` means that only an event or its due time changes anything. */
export type PromotionStep = Recorded | 'idle'

/** Undefined when the blueprint has it no more. */
export function environmentOf(parts: EngineParts, name: string): EnvironmentPolicy | undefined {
  return parts.policy.current().environments.find(environment => environment.name === name)
}
