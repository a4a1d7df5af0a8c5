import { shortRelease } from '../../model/release.ts'
import type { Rollout } from '../../model/rollout.ts'
import { formatMeasured } from '../duration.ts'
import type { Style } from '../terminal/style.ts'
import { indent } from '../terminal/table.ts'

/** How a rollback of one service ended. */
export type RollbackEnd =
  | { readonly kind: 'back'; readonly release: string | undefined; readonly milliseconds?: number }
  | { readonly kind: 'not'; readonly reason: string }

/** How users of one service go back: by taking a rollout back, or by bringing up a release that no longer ran. */
export type WayBack = 'taken-back' | 'brought-up'

/** Told from the answer to the request for a rollback. */
export function wayBack({ request, state }: Rollout): WayBack {
  const takenBack = request !== undefined || state.phase === 'rollback' || state.phase === 'withdraw'
  return takenBack ? 'taken-back' : 'brought-up'
}

/** Undefined while users are still on their way. */
export function rollbackEnd(rollout: Rollout, way: WayBack): RollbackEnd | undefined {
  return way === 'taken-back' ? endOfTakenBack(rollout) : endOfBroughtUp(rollout)
}

function endOfTakenBack({ state, from }: Rollout): RollbackEnd | undefined {
  if (state.phase !== 'done' && state.phase !== 'withdraw') return undefined
  if (state.outcome !== 'rolled-back' && state.outcome !== 'aborted')
    return { kind: 'not', reason: state.reason }
  const release = from === undefined ? undefined : shortRelease(from.release)
  return back(release, state.rollbackMilliseconds)
}

function endOfBroughtUp(rollout: Rollout): RollbackEnd | undefined {
  const { state, to } = rollout
  const release = shortRelease(to.release)
  if (state.phase === 'bake' || state.phase === 'standby' || state.phase === 'retire') {
    return back(release, untilServed(rollout))
  }
  if (state.phase === 'withdraw') return { kind: 'not', reason: state.reason }
  if (state.phase !== 'done') return undefined
  return state.outcome === 'succeeded'
    ? back(release, state.rollbackMilliseconds ?? untilServed(rollout))
    : { kind: 'not', reason: state.reason }
}

function untilServed({ createdAt, history }: Rollout): number | undefined {
  const served = history.find(({ phase }) => phase === 'bake' || phase === 'standby' || phase === 'done')
  return served === undefined ? undefined : served.at - createdAt
}

function back(release: string | undefined, milliseconds: number | undefined): RollbackEnd {
  return milliseconds === undefined ? { kind: 'back', release } : { kind: 'back', release, milliseconds }
}

export function rollbackLine({ service }: Rollout, end: RollbackEnd, style: Style): readonly string[] {
  if (end.kind === 'not') return [`${style.bad('✗')} ${service}: not rolled back`, ...indent(end.reason, 4)]
  const where = end.release === undefined ? 'users are off it' : `users are back on ${end.release}`
  const time = end.milliseconds === undefined ? '' : ` after ${formatMeasured(end.milliseconds)}`
  return [`${style.good('✓')} ${service}: ${where}${time}`]
}
