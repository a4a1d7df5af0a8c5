import { COLORS, type Color, sameWeights, type Weights } from '../../../model/color.ts'
import { COLOR_LABEL } from '../../../render/kubernetes/labels.ts'
import type { Move } from '../ledger.ts'
import type { ServiceView } from '../service-view.ts'
import { type LiveTraffic, liveTraffic } from './live-traffic.ts'
import type { Change } from './switch.ts'

/**
 * The ledger's move where it is the very change that is asked for and is live already, so that asking again restarts
 * nothing; else a new one.
 */
export function beginMove(view: ServiceView, { weights, fence, now }: Change): Move {
  const live = liveTraffic(view)
  const last = view.ledger?.move
  if (last !== undefined && sameWeights(last.weights, weights) && isLive(live, weights)) return last
  const [epoch, rollout] = fence
  const before = beforeOf(live, last, weights)
  return {
    weights,
    ...(before === undefined ? {} : { before }),
    epoch,
    rollout,
    at: now,
    ...(live.kind === 'closed' && last === undefined ? {} : { left: leftPods(view, weights) }),
    ...(isBack(last, { weights, epoch, rollout }) ? { isBack: true } : {}),
  }
}

/** The move whose weights are live at this moment; undefined where somebody else changed them, or Sluice never did. */
export function presentMove(view: ServiceView, weights: Weights): Move | undefined {
  const move = view.ledger?.move
  return move !== undefined && sameWeights(move.weights, weights) ? move : undefined
}

const isLive = (live: LiveTraffic, weights: Weights): boolean =>
  live.kind === 'shared' && sameWeights(live.weights, weights)

/** An interrupted change is begun again: what was before it is still what was before. */
function beforeOf(live: LiveTraffic, last: Move | undefined, weights: Weights): Weights | undefined {
  if (last !== undefined && sameWeights(last.weights, weights)) return last.before
  return live.kind === 'shared' ? live.weights : last?.weights
}

/** Pods of the color that the weights leave nobody on, by uid. */
export function leftPods({ pods }: Pick<ServiceView, 'pods'>, weights: Weights): readonly string[] {
  const left = COLORS.filter(color => weights[color] === 0).map(String)
  return pods
    .filter(({ metadata }) => left.includes(metadata.labels?.[COLOR_LABEL] ?? ''))
    .map(({ metadata }) => metadata.uid)
}

type Asked = Pick<Move, 'weights' | 'epoch' | 'rollout'>

function isBack(last: Move | undefined, { weights, epoch, rollout }: Asked): boolean {
  // Another store counts its rollouts anew.
  if (last === undefined || last.epoch !== epoch || last.rollout !== rollout) return false
  if (last.before === undefined) return false
  if (sameWeights(last.weights, weights)) return last.isBack === true
  const gained = gaining(last.before, last.weights)
  const gains = gaining(last.weights, weights)
  // On the way back there may be several steps as well.
  return gained === gains ? last.isBack === true : last.isBack !== true && gained !== undefined
}

function gaining(before: Weights, after: Weights): Color | undefined {
  return COLORS.find(color => after[color] > before[color])
}
