import type { GateReason } from '../../model/gate.ts'
import type { Promotion } from '../../model/promotion.ts'
import { shortRelease } from '../../model/release.ts'
import type { Rollout } from '../../model/rollout.ts'
import type { PromotionAnswer } from '../api/answers.ts'
import { formatMeasured } from '../duration.ts'
import type { Style } from '../terminal/style.ts'
import { indent } from '../terminal/table.ts'
import type { PromotionEnd } from './promotion-end.ts'
import { formatReasons } from './reasons.ts'

export interface View {
  readonly style: Style
  readonly now: number
}

/** `r-3fa9c1d2e4 → prod (prod-12)` */
export function promotionTitle({ release, environment, id }: Promotion, { strong, faint }: Style): string {
  return `${strong(shortRelease(release))} → ${strong(environment)} ${faint(`(${id})`)}`
}

/** What a promotion waits for, and that it does so without anybody. */
export function waitingLines(
  promotion: Promotion,
  reasons: readonly GateReason[],
  view: View,
): readonly string[] {
  const { id } = promotion
  return [
    'It waits for:',
    ...formatReasons(reasons, view),
    `${id} stays waiting and starts by itself once all of this is met.`,
    `Follow it with \`sluice rollout watch ${id}\`; take it back with \`sluice rollout abort ${id}\`.`,
  ]
}

/** The last word on a promotion. */
export function endLines(promotion: PromotionAnswer, end: PromotionEnd, { style }: View): readonly string[] {
  const { environment, release, rollouts } = promotion
  if (end.kind === 'succeeded') {
    const standby = rollouts.filter(({ state }) => state.phase === 'standby').map(({ service }) => service)
    const warm = standby.length === 0 ? '' : ` The release before stands by for ${standby.join(', ')}.`
    return [`${style.good('✓')} ${environment}: users are on ${shortRelease(release)}.${warm}`]
  }
  return [
    `${style.bad('✗')} ${environment}: ${shortRelease(release)} ${outcomeText(end.outcome)}`,
    ...end.reasons.flatMap(reason => indent(reason, 4)),
    ...rollouts.flatMap(rollout => rollbackTime(rollout)),
  ]
}

function rollbackTime({ service, state }: Rollout): readonly string[] {
  if (state.phase !== 'done' && state.phase !== 'withdraw') return []
  if (state.rollbackMilliseconds === undefined) return []
  return [`    ${service}: users were back after ${formatMeasured(state.rollbackMilliseconds)}`]
}

function outcomeText(outcome: string): string {
  if (outcome === 'returned') return 'was sent back by the gate'
  if (outcome === 'superseded') return 'was superseded by a newer promotion'
  return outcome === 'rolled-back' ? 'was rolled back' : `${outcome === 'aborted' ? 'was ' : ''}${outcome}`
}
