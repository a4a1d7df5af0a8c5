import { shortRelease } from '../../model/release.ts'
import type { Rollout } from '../../model/rollout.ts'
import type { PromotionAnswer } from '../api/answers.ts'
import { formatMeasured } from '../duration.ts'
import { dateTime } from '../terminal/clock-time.ts'
import { formatFacts, indent } from '../terminal/table.ts'
import { promotionTitle, type View, waitingLines } from './promotion-lines.ts'
import { RolloutTrail } from './rollout-trail.ts'

/** A promotion with everything that its rollouts did. */
export function promotionLines(promotion: PromotionAnswer, view: View): readonly string[] {
  const { state, by, createdAt, breakGlass, rollouts } = promotion
  const facts = formatFacts(
    [
      ['asked', `${dateTime(createdAt)} by ${by.name}`],
      ['freeze', breakGlass === undefined ? undefined : `broken: ${breakGlass.reason}`],
      ['state', state.phase === 'done' ? state.outcome : state.phase],
    ],
    view.style,
  )
  const reasons = state.phase === 'done' ? state.reasons.flatMap(reason => indent(reason, 2)) : []
  const waiting = state.phase === 'waiting' ? waitingLines(promotion, state.reasons, view) : []
  const details = rollouts.flatMap(rollout => ['', ...rolloutLines(rollout, view)])
  return [promotionTitle(promotion, view.style), ...facts, ...reasons, ...waiting, ...details]
}

/** A rollout with every phase that it went through. */
export function rolloutLines(rollout: Rollout, { style, now }: View): readonly string[] {
  const { from, to, plan, state } = rollout
  const steps = plan.steps.map(({ percent, bakeSeconds }) => `${percent} % for ${bakeSeconds} s`)
  const facts = formatFacts(
    [
      ['from', from === undefined ? 'nothing' : `${shortRelease(from.release)} ${from.color}`],
      ['to', `${shortRelease(to.release)} ${to.color}`],
      ['plan', `${plan.strategy}: ${steps.join(', ')}; standby ${plan.standbySeconds} s`],
      ['rollback', measuredRollback(state)],
    ],
    style,
  )
  return [style.strong(rollout.id), ...facts, ...new RolloutTrail(style).next([rollout], now)]
}

function measuredRollback(state: Rollout['state']): string | undefined {
  if (state.phase !== 'done' && state.phase !== 'withdraw') return undefined
  return state.rollbackMilliseconds === undefined
    ? undefined
    : `after ${formatMeasured(state.rollbackMilliseconds)}`
}
