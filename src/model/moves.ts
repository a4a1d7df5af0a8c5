import type { Act, Decision, Evidence } from './decision.ts'
import type { Instant } from './instant.ts'
import { isReady, type SlotObservation } from './observation.ts'
import type { Rollout, RolloutOutcome, RolloutState } from './rollout.ts'

/** How often something without an event of its own is looked at again, in milliseconds. */
export const LOOK_AGAIN = 1000

type Move = Extract<Decision, { kind: 'move' }>

/** The rollout in its next state; a request that led here is spent. */
export function move(
  rollout: Rollout,
  step: { readonly state: RolloutState; readonly reason: string; readonly now: Instant },
): Move {
  const { state, reason, now } = step
  const { request: _spent, ...rest } = rollout
  const entered = rollout.state.phase !== state.phase || state.phase === 'shift'
  const next: Rollout = {
    ...rest,
    state,
    history: entered ? [...rollout.history, { phase: state.phase, at: now, reason }] : rollout.history,
    dueAt: state.phase === 'done' ? null : now,
    version: rollout.version + 1,
  }
  return { kind: 'move', rollout: next, reason }
}

export function wait(reason: string, until: Instant | null): Decision {
  return { kind: 'wait', until, reason }
}

export function act(what: Act, reason: string): Decision {
  return { kind: 'act', act: what, reason }
}

/** Ends it before users were touched: the new color is taken away again, if there is one. */
export function withdraw(
  rollout: Rollout,
  end: { readonly outcome: RolloutOutcome; readonly reason: string; readonly now: Instant },
): Decision {
  const { outcome, reason, now } = end
  return move(rollout, { state: { phase: 'withdraw', since: now, reason, outcome }, reason, now })
}

/** Sends users back; without a release to go back to it only says so and leaves things as they are. */
export function takeBack(
  rollout: Rollout,
  evidence: Evidence,
  why: {
    readonly reason: string
    readonly now: Instant
    readonly requestedAt?: Instant
    readonly outcome?: 'rolled-back' | 'aborted'
  },
): Decision {
  const { reason, now } = why
  if (rollout.from === undefined) {
    // Users who were never sent there are not served there: it is taken away like any release that users did not see.
    if (!mayHaveUsers(rollout, evidence)) {
      const outcome = why.outcome === 'aborted' ? 'aborted' : 'failed'
      return withdraw(rollout, { outcome, reason, now })
    }
    const told = `${reason}; it is the first release here, so there is nothing to go back to and it goes on serving`
    return move(rollout, {
      state: { phase: 'done', at: now, reason: told, outcome: 'failed', serving: rollout.to },
      reason: told,
      now,
    })
  }
  const state: RolloutState = {
    phase: 'rollback',
    since: now,
    reason,
    automatic: why.requestedAt === undefined,
    requestedAt: why.requestedAt ?? now,
    outcome: why.outcome ?? 'rolled-back',
  }
  return move(rollout, { state, reason, now })
}

function mayHaveUsers({ state, to }: Rollout, { observation }: Evidence): boolean {
  const wasConfirmed = state.phase !== 'shift' || state.confirmedAt !== undefined
  return wasConfirmed || (observation.weights?.[to.color] ?? 0) > 0
}

export function done(
  rollout: Rollout,
  end: {
    readonly outcome: RolloutOutcome
    readonly reason: string
    readonly now: Instant
    readonly rollbackMilliseconds?: number
    readonly automatic?: boolean
  },
): Decision {
  const { now, ...rest } = end
  const serving = end.outcome === 'succeeded' ? rollout.to : rollout.from
  const state: RolloutState = {
    phase: 'done',
    at: now,
    ...rest,
    ...(serving === undefined ? {} : { serving }),
  }
  return move(rollout, { state, reason: end.reason, now })
}

export function newSlot(rollout: Rollout, evidence: Evidence): SlotObservation | undefined {
  return evidence.observation.slots[rollout.to.color]
}

/** Instances that the new color needs: never fewer than serve users now. */
export function capacityOf(rollout: Rollout, evidence: Evidence): number {
  if (rollout.capacity !== undefined) return rollout.capacity
  return Math.max(rollout.replicas, presentCapacity(rollout, evidence))
}

/** Instances that the release before has now; 0 where there is none. */
export function presentCapacity({ from }: Rollout, { observation }: Evidence): number {
  return from === undefined ? 0 : (observation.slots[from.color]?.desired ?? 0)
}

export function newColorReady(rollout: Rollout, evidence: Evidence): boolean {
  const slot = newSlot(rollout, evidence)
  const count = isCountOfTarget(rollout) ? 1 : (rollout.capacity ?? rollout.replicas)
  return slot?.artifact === rollout.artifact && isReady(slot, { release: rollout.to.release, count })
}

/** With all users on it a target that scales by itself decides how many are enough: fewer are no loss. */
function isCountOfTarget({ autoscaled, state }: Rollout): boolean {
  return autoscaled && (state.phase === 'bake' || state.phase === 'standby')
}

/** Seconds of the plan as a moment. */
export function after(moment: Instant, seconds: number): Instant {
  return moment + seconds * 1000
}
