import { COLORS, otherColor } from './color.ts'
import type { Decision, Evidence } from './decision.ts'
import type { Instant } from './instant.ts'
import {
  act,
  after,
  capacityOf,
  done,
  LOOK_AGAIN,
  move,
  newColorReady,
  newSlot,
  presentCapacity,
  takeBack,
  wait,
  withdraw,
} from './moves.ts'
import type { SlotObservation } from './observation.ts'
import { isRolling, type Rollout, type RolloutState } from './rollout.ts'

type In<P extends RolloutState['phase']> = Extract<RolloutState, { phase: P }>

/** Failed expectations are asked again this often before the release counts as broken. */
const VERIFY_ATTEMPTS = 3

/** Nothing has been touched yet, so whatever is wrong simply ends it. */
export function decidePreflight(
  rollout: Rollout,
  state: In<'preflight'>,
  evidence: Evidence,
  now: Instant,
): Decision {
  const problems = evidence.preflight
  if (problems === undefined) {
    if (now < after(state.since, rollout.plan.deadlines.preflight))
      return wait('preflight has no answer yet', now + LOOK_AGAIN)
    return done(rollout, {
      outcome: 'failed',
      reason: 'preflight had no answer in time: is the target reachable?',
      now,
    })
  }
  if (problems.length > 0) return done(rollout, { outcome: 'failed', reason: problems.join('; '), now })
  if (rollout.pausedBy !== undefined) return wait(`paused by ${rollout.pausedBy}`, null)
  const seen = fromWhereUsersAre(rollout, evidence)
  const capacity = capacityOf(seen, evidence)
  const reason = seen === rollout ? 'preflight passed' : `preflight passed; ${seen.from?.color} serves users`
  return move({ ...seen, capacity }, { state: { phase: 'provision', since: now }, reason, now })
}

/**
 * What was recorded may be older than what serves, after a restore for example. Nothing has been touched yet, so the
 * rollout begins from where all users are seen to be, provided that where it would have begun has none of them.
 */
function fromWhereUsersAre(rollout: Rollout, { observation, priorIsOpen }: Evidence): Rollout {
  const color = COLORS.find(one => observation.weights?.[one] === 100)
  const slot = color === undefined ? undefined : observation.slots[color]
  if (priorIsOpen !== false || rollout.from === undefined || color === undefined) return rollout
  if (slot === undefined || slot.ready === 0) return rollout
  if (color === rollout.from.color && slot.release === rollout.from.release) return rollout
  const to = { ...rollout.to, color: isRolling(rollout) ? color : otherColor(color) }
  return { ...rollout, from: { color, release: slot.release }, to }
}

/** Brings up every instance, or takes all of them away again. */
export function decideProvision(
  rollout: Rollout,
  state: In<'provision'>,
  evidence: Evidence,
  now: Instant,
): Decision {
  const slot = newSlot(rollout, evidence)
  const { to } = rollout
  const late = now >= after(state.since, rollout.plan.deadlines.provision)
  // Until then even a slot that holds this very release is the standby of the rollout before, which will retire it.
  if (evidence.priorIsOpen === true) {
    return late
      ? withdrawNothing(rollout, 'the rollout before did not end in time', now)
      : wait('the rollout before ends first', now + LOOK_AGAIN)
  }
  const foreign = slot !== undefined && slot.release !== to.release && !isRolling(rollout)
  if (foreign && !late) return clearSlot(rollout, evidence, now)
  if (newColorReady(rollout, evidence)) return enterVerify(rollout, now)
  const problem = slot?.release === to.release ? problemOf(rollout, slot) : undefined
  if (problem !== undefined)
    return failBeforeShift(rollout, evidence, `instances do not become ready: ${problem}`, now)
  if (late) {
    const seen = slot === undefined ? 'none exists' : `${slot.ready} of ${slot.desired} are ready`
    return failBeforeShift(rollout, evidence, `instances were not ready in time: ${seen}`, now)
  }
  const count = capacityOf(rollout, evidence)
  if (slot === undefined || slot.release !== to.release || slot.desired < count) {
    return act(
      { kind: 'provision', color: to.color, release: to.release, count },
      `bringing up ${count} of ${to.color}`,
    )
  }
  return wait(`${slot.ready} of ${slot.desired} instances are ready`, now + LOOK_AGAIN)
}

/** What runs under the release's name must be what was released under it. */
function problemOf(rollout: Rollout, slot: SlotObservation): string | undefined {
  if (slot.artifact === rollout.artifact) return slot.problem
  return `${rollout.to.color} runs ${slot.artifact}, and ${rollout.artifact} was released`
}

/** A color that users see is never cleared: it belongs to somebody else's rollout. */
function clearSlot(rollout: Rollout, evidence: Evidence, now: Instant): Decision {
  const { color } = rollout.to
  if ((evidence.observation.weights?.[color] ?? 0) > 0) {
    return withdrawNothing(
      rollout,
      `${color} serves users with another release; what served changed meanwhile`,
      now,
    )
  }
  return act({ kind: 'retire', color }, `clearing what is left in ${color}`)
}

function withdrawNothing(rollout: Rollout, reason: string, now: Instant): Decision {
  return done(rollout, { outcome: 'failed', reason, now })
}

function enterVerify(rollout: Rollout, now: Instant): Decision {
  if (isRolling(rollout)) {
    return move(rollout, { state: { phase: 'bake', since: now }, reason: 'every instance was replaced', now })
  }
  return move(rollout, {
    state: { phase: 'verify', since: now, attempt: 1 },
    reason: `${rollout.to.color} is ready, ${rollout.capacity ?? rollout.replicas} of ${rollout.capacity ?? rollout.replicas}`,
    now,
  })
}

/** Users may already be on part of the new release when it is replaced in place. */
function failBeforeShift(rollout: Rollout, evidence: Evidence, reason: string, now: Instant): Decision {
  return isRolling(rollout)
    ? takeBack(rollout, evidence, { reason, now })
    : withdraw(rollout, { outcome: 'failed', reason, now })
}

export function decideVerify(
  rollout: Rollout,
  state: In<'verify'>,
  evidence: Evidence,
  now: Instant,
): Decision {
  const late = now >= after(state.since, rollout.plan.deadlines.verify)
  if (!newColorReady(rollout, evidence)) {
    const problem = newSlot(rollout, evidence)?.problem
    if (late || problem !== undefined)
      return withdraw(rollout, { outcome: 'failed', reason: problem ?? 'instances did not stay ready', now })
    return wait('instances are not all ready any more', now + LOOK_AGAIN)
  }
  const result = evidence.verification
  if (result?.passed === true) return afterVerify(rollout, evidence, now)
  const problems = result?.problems.join('; ') ?? 'verification had no answer'
  if (late || (result !== undefined && state.attempt >= VERIFY_ATTEMPTS)) {
    return withdraw(rollout, { outcome: 'failed', reason: `verification failed: ${problems}`, now })
  }
  if (result === undefined) return wait(problems, now + LOOK_AGAIN)
  return move(rollout, {
    state: { ...state, attempt: state.attempt + 1 },
    reason: `verification failed, asking again: ${problems}`,
    now,
  })
}

function afterVerify(rollout: Rollout, evidence: Evidence, now: Instant): Decision {
  if (rollout.plan.approveSwitch && rollout.from !== undefined) {
    return move(rollout, {
      state: { phase: 'approval', since: now },
      reason: 'verified; a person opens the switch',
      now,
    })
  }
  return openSwitch(rollout, evidence, 'verified', now)
}

/** Users move only to as many instances as serve them at this moment: more may do so than when the new color came up. */
function openSwitch(rollout: Rollout, evidence: Evidence, reason: string, now: Instant): Decision {
  const { from, request } = rollout
  const present = presentCapacity(rollout, evidence)
  if (from === undefined || present <= (rollout.capacity ?? rollout.replicas)) {
    return move(rollout, { state: { phase: 'shift', since: now, step: 0 }, reason, now })
  }
  const grown = { ...rollout, capacity: present }
  const state: RolloutState = { phase: 'provision', since: now }
  const back = move(grown, { state, reason: `${from.color} has ${present} instances by now`, now })
  // Who opened the switch has opened it, also if that is a moment later.
  return request?.kind === 'advance' ? { ...back, rollout: { ...back.rollout, request } } : back
}

export function decideApproval(
  rollout: Rollout,
  state: In<'approval'>,
  evidence: Evidence,
  now: Instant,
): Decision {
  if (rollout.pausedBy !== undefined) return wait(`paused by ${rollout.pausedBy}`, null)
  const deadline = after(state.since, rollout.plan.deadlines.approval)
  if (now >= deadline)
    return withdraw(rollout, { outcome: 'failed', reason: 'nobody opened the switch in time', now })
  const { request } = rollout
  if (request?.kind !== 'advance') return wait('waits for a person to open the switch', deadline)
  if (!newColorReady(rollout, evidence)) return wait('instances are not all ready any more', now + LOOK_AGAIN)
  return openSwitch(rollout, evidence, `switch opened by ${request.by}`, now)
}
