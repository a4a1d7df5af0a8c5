import type { Rollout } from '../../model/rollout.ts'
import type { PromotionAnswer } from '../api/answers.ts'

/** How following a promotion ends: users are on the new release, or they are not and why. */
export type PromotionEnd =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'not'; readonly outcome: string; readonly reasons: readonly string[] }

/** Undefined while it goes on. Standby is not waited for: users are on the new release already. */
export function promotionEnd(promotion: PromotionAnswer): PromotionEnd | undefined {
  const { state, rollouts } = promotion
  if (state.phase === 'waiting') return undefined
  if (state.phase === 'running') {
    const served = new Set(rollouts.filter(usersAreOnIt).map(({ service }) => service))
    return promotion.services.length > 0 && promotion.services.every(service => served.has(service))
      ? { kind: 'succeeded' }
      : undefined
  }
  if (state.outcome === 'succeeded') return { kind: 'succeeded' }
  return { kind: 'not', outcome: state.outcome, reasons: state.reasons }
}

function usersAreOnIt({ state }: Rollout): boolean {
  if (state.phase === 'done') return state.outcome === 'succeeded'
  return state.phase === 'standby' || state.phase === 'retire'
}
