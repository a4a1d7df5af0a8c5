import type { Instant } from './instant.ts'
import { after } from './moves.ts'
import type { Rollout, RolloutState } from './rollout.ts'
import { bakeOf, stepsOf } from './traffic.ts'

/** Goes on after a pause: what a person held back is not late, so no deadline counts the time that it was held. */
export function resumed(rollout: Rollout, now: Instant): Rollout {
  const { pausedBy: _paused, ...running } = rollout
  return { ...running, state: notLate(rollout, now) }
}

function notLate(rollout: Rollout, now: Instant): RolloutState {
  const { state } = rollout
  // What was baked stays baked: only the time beyond it is forgiven.
  const baked = (since: Instant, step: number): Instant => Math.max(since, after(now, -bakeOf(rollout, step)))
  switch (state.phase) {
    case 'approval':
      return { ...state, since: now }
    case 'shift':
      return state.confirmedAt === undefined
        ? { ...state, since: now }
        : { ...state, confirmedAt: baked(state.confirmedAt, state.step) }
    case 'bake':
      return { ...state, since: baked(state.since, stepsOf(rollout).length - 1) }
    case 'pending':
    case 'preflight':
    case 'provision':
    case 'verify':
    case 'standby':
    case 'retire':
    case 'rollback':
    case 'withdraw':
    case 'done':
      return state
    default:
      return state satisfies never
  }
}
