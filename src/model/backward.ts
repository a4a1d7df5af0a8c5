import { weightsFor } from './color.ts'
import type { Decision, Evidence } from './decision.ts'
import type { Instant } from './instant.ts'
import { act, after, done, LOOK_AGAIN, move, newSlot, wait } from './moves.ts'
import { isReady, showsWeights } from './observation.ts'
import { isRolling, type Occupant, type Rollout, type RolloutState } from './rollout.ts'
import { withTimes } from './traffic.ts'

type In<P extends RolloutState['phase']> = Extract<RolloutState, { phase: P }>

/** Traffic first. The new color is not asked for anything: it may be the very thing that is broken. */
export function decideRollback(
  rollout: Rollout,
  state: In<'rollback'>,
  evidence: Evidence,
  now: Instant,
): Decision {
  const { from } = rollout
  if (from === undefined) throw new Error(`${rollout.id} rolls back but has nothing to go back to`)
  if (isRolling(rollout)) return replaceBack(rollout, state, evidence, now)
  const goal = weightsFor(from.color, 100)
  if (showsWeights(evidence.observation, goal)) return reached(rollout, state, evidence, now)
  const slot = evidence.observation.slots[from.color]
  if (slot?.release === from.release && slot.ready > 0) {
    return act({ kind: 'shift', weights: goal }, `sending all users back to ${from.color}`)
  }
  if (isHopeless(rollout, state, evidence, now)) return stay(rollout, from, evidence, now)
  const count = Math.max(1, rollout.capacity ?? rollout.replicas)
  if (slot?.release === from.release && slot.desired >= count)
    return wait(`${from.color} has no ready instance yet that users could go back to`, now + LOOK_AGAIN)
  return act(
    { kind: 'provision', color: from.color, release: from.release, count },
    `${from.color} has no ready instance: bringing it up before users go back`,
  )
}

function reached(rollout: Rollout, state: In<'rollback'>, evidence: Evidence, now: Instant): Decision {
  const { reason, outcome, automatic } = state
  const rollbackMilliseconds = now - state.requestedAt
  const next: RolloutState = {
    phase: 'withdraw',
    since: now,
    reason,
    outcome,
    rollbackMilliseconds,
    automatic,
  }
  const said = withTimes(`all users are back on ${rollout.from?.color}`, evidence)
  return move(rollout, { state: next, reason: said, now })
}

function replaceBack(rollout: Rollout, state: In<'rollback'>, evidence: Evidence, now: Instant): Decision {
  const { from } = rollout
  if (from === undefined) throw new Error(`${rollout.id} rolls back but has nothing to go back to`)
  const count = rollout.capacity ?? rollout.replicas
  const slot = evidence.observation.slots[from.color]
  if (isReady(slot, { release: from.release, count })) {
    const { reason, outcome, automatic } = state
    return done(rollout, { outcome, reason, now, rollbackMilliseconds: now - state.requestedAt, automatic })
  }
  if (isHopeless(rollout, state, evidence, now)) {
    return giveUp(rollout, slot?.release === rollout.to.release ? rollout.to : from, now)
  }
  if (slot?.release === from.release && slot.desired >= count)
    return wait('the release before comes back', now + LOOK_AGAIN)
  return act(
    { kind: 'provision', color: from.color, release: from.release, count },
    'putting the release before back',
  )
}

/** The time is over, and the release before is known to fail or is refused: it is not merely still starting. */
function isHopeless(rollout: Rollout, state: In<'rollback'>, evidence: Evidence, now: Instant): boolean {
  const { from, plan } = rollout
  const slot = from === undefined ? undefined : evidence.observation.slots[from.color]
  const refused = slot?.release !== from?.release || slot?.problem !== undefined
  return refused && now >= after(state.since, plan.deadlines.provision)
}

/** There is no way back: users who were left on the color that is dead join those on the one that answers. */
function stay(rollout: Rollout, from: Occupant, evidence: Evidence, now: Instant): Decision {
  const { to } = rollout
  const share = evidence.observation.weights?.[to.color] ?? 0
  if (share === 0) return giveUp(rollout, from, now)
  const slot = newSlot(rollout, evidence)
  const answers = slot?.release === to.release && slot.artifact === rollout.artifact && slot.ready > 0
  if (share === 100) return giveUp(rollout, to, now)
  // Nobody answers anywhere: users stay where most of them are.
  if (!answers) return giveUp(rollout, share > 50 ? to : from, now)
  return act(
    { kind: 'shift', weights: weightsFor(to.color, 100) },
    `${from.color} could not be brought up in time: sending its users to ${to.color}`,
  )
}

/** Trying for ever would keep every better release out: users stay, and people choose what comes next. */
function giveUp(rollout: Rollout, serving: Occupant, now: Instant): Decision {
  const reason = `${rollout.from?.color} could not be brought up in time to go back to; users stay on ${serving.color}`
  return move(rollout, { state: { phase: 'done', at: now, reason, outcome: 'failed', serving }, reason, now })
}

/** Takes the new color away; a leftover that cannot be removed in time is cleared by the next rollout. */
export function decideWithdraw(
  rollout: Rollout,
  state: In<'withdraw'>,
  evidence: Evidence,
  now: Instant,
): Decision {
  const { since: _since, phase: _phase, ...end } = state
  const slot = newSlot(rollout, evidence)
  // While the rollout before is open nothing was brought up yet: what is in the color is its standby.
  if (slot === undefined || slot.release !== rollout.to.release || evidence.priorIsOpen === true)
    return done(rollout, { ...end, now })
  const isLate = now >= after(state.since, rollout.plan.deadlines.retire)
  if ((evidence.observation.weights?.[rollout.to.color] ?? 0) > 0) {
    const { from } = rollout
    const back = from && evidence.observation.slots[from.color]
    if (from !== undefined && back?.release === from.release && back.ready > 0) {
      const goal = weightsFor(from.color, 100)
      return act(
        { kind: 'shift', weights: goal },
        `users were seen on ${rollout.to.color}: sending them back`,
      )
    }
    if (from === undefined || isLate) return staysThere(rollout, end.reason, now)
    return wait(
      `users were seen on ${rollout.to.color}, and ${from.color} has nobody ready`,
      now + LOOK_AGAIN,
    )
  }
  if (isLate) {
    return done(rollout, {
      ...end,
      reason: `${end.reason} (${rollout.to.color} could not be removed in time)`,
      now,
    })
  }
  return slot.desired === 0
    ? wait(`${rollout.to.color} is stopping`, now + LOOK_AGAIN)
    : act({ kind: 'retire', color: rollout.to.color }, `taking ${rollout.to.color} away`)
}

/** Users were sent there after all, and there is nowhere else to send them. */
function staysThere(rollout: Rollout, why: string, now: Instant): Decision {
  const reason = `${why}; users were seen on ${rollout.to.color}, and there is nobody to send them back to`
  const state: RolloutState = { phase: 'done', at: now, reason, outcome: 'failed', serving: rollout.to }
  return move(rollout, { state, reason, now })
}

/** The standby time is over: the old color goes, and capacity that only the switch needed goes with it. */
export function decideRetire(
  rollout: Rollout,
  state: In<'retire'>,
  evidence: Evidence,
  now: Instant,
): Decision {
  const { from, to } = rollout
  const succeeded = (): Decision => done(rollout, { outcome: 'succeeded', reason: 'serves all users', now })
  const old = from === undefined ? undefined : evidence.observation.slots[from.color]
  if (from !== undefined && old?.release === from.release) {
    if (now >= after(state.since, rollout.plan.deadlines.retire)) return succeeded()
    return old.desired === 0
      ? wait(`${from.color} is stopping`, now + LOOK_AGAIN)
      : act({ kind: 'retire', color: from.color }, `retiring ${from.color}`)
  }
  const excess = rollout.capacity !== undefined && rollout.capacity > rollout.replicas && !rollout.autoscaled
  if (excess && newSlot(rollout, evidence)?.desired === rollout.capacity) {
    return act(
      { kind: 'provision', color: to.color, release: to.release, count: rollout.replicas },
      `going to the ${rollout.replicas} instances that the release asks for`,
    )
  }
  return succeeded()
}
