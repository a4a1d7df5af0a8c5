import { type Weights, weightsFor } from './color.ts'
import type { Decision, Evidence } from './decision.ts'
import type { Instant } from './instant.ts'
import { judge, type Verdict } from './judge.ts'
import { act, after, done, LOOK_AGAIN, move, newColorReady, newSlot, takeBack, wait } from './moves.ts'
import { type SlotObservation, showsWeights } from './observation.ts'
import { isRolling, type Rollout, type RolloutState } from './rollout.ts'
import type { RolloutStep } from './service-spec.ts'

type In<P extends RolloutState['phase']> = Extract<RolloutState, { phase: P }>

const OPEN_AT_ONCE: RolloutStep = { percent: 100, bakeSeconds: 0 }

/** The first release of an environment has nobody to share traffic with. */
export function stepsOf(rollout: Rollout): readonly RolloutStep[] {
  return rollout.from === undefined ? [OPEN_AT_ONCE] : rollout.plan.steps
}

/** The weights that this rollout wants while it shifts. */
export function goalOf(rollout: Rollout, step: number): Weights {
  return weightsFor(rollout.to.color, stepsOf(rollout)[step]?.percent ?? 100)
}

export function decideShift(
  rollout: Rollout,
  state: In<'shift'>,
  evidence: Evidence,
  now: Instant,
): Decision {
  const goal = goalOf(rollout, state.step)
  if (!showsWeights(evidence.observation, goal)) return pursue(rollout, state, evidence, now)
  if (state.confirmedAt === undefined) return confirmed(rollout, state, evidence, now)
  return decideBaking(
    rollout,
    { since: state.confirmedAt, bakeSeconds: bakeOf(rollout, state.step), evidence, now },
    () =>
      move(rollout, {
        state: { phase: 'shift', since: now, step: state.step + 1 },
        reason: `step ${state.step + 1} held`,
        now,
      }),
  )
}

/** Seconds that a step is watched. */
export const bakeOf = (rollout: Rollout, step: number): number => stepsOf(rollout)[step]?.bakeSeconds ?? 0

/** Users go only to instances that are seen ready at this moment, never because they once were. */
function pursue(rollout: Rollout, state: In<'shift'>, evidence: Evidence, now: Instant): Decision {
  const strangers = meddled(rollout, evidence)
  if (strangers !== undefined) return takeBack(rollout, evidence, { reason: strangers, now })
  // Later steps were decided while nothing was paused, and users are on this color already: only the first one holds.
  if (rollout.pausedBy !== undefined && state.step === 0 && state.confirmedAt === undefined)
    return wait(`paused by ${rollout.pausedBy}`, null)
  if (rollout.pausedBy === undefined && now >= shiftDeadline(rollout, state)) {
    return takeBack(rollout, evidence, { reason: 'traffic was not seen to move in time', now })
  }
  if (!newColorReady(rollout, evidence)) {
    const slot = newSlot(rollout, evidence)
    if (slot?.problem !== undefined) return takeBack(rollout, evidence, { reason: slot.problem, now })
    return wait('instances are not all ready any more', now + LOOK_AGAIN)
  }
  const last = stepsOf(rollout).length - 1
  if (state.step < last && nobodyElseServes(rollout, evidence)) {
    const reason = `${rollout.from?.color} has no ready instance that users could stay on`
    return move(rollout, { state: { phase: 'shift', since: now, step: last }, reason, now })
  }
  const goal = goalOf(rollout, state.step)
  return act({ kind: 'shift', weights: goal }, `sending ${goal[rollout.to.color]} % to ${rollout.to.color}`)
}

/** A share for a color that is dead would be a share of errors, and would keep the release out that mends it. */
function nobodyElseServes(rollout: Rollout, evidence: Evidence): boolean {
  return rollout.from !== undefined && (evidence.observation.slots[rollout.from.color]?.ready ?? 0) === 0
}

/** With the times of new and of open connections, where the target tells them apart. */
export const withTimes = (said: string, { observation: { moved } }: Evidence): string =>
  moved === undefined ? said : `${said}: ${moved}`

function shiftDeadline(rollout: Rollout, state: In<'shift'>): Instant {
  const { shift, hold } = rollout.plan.deadlines
  if (state.confirmedAt === undefined) return after(state.since, shift)
  return after(state.confirmedAt, bakeOf(rollout, state.step) + hold + shift)
}

/** What served when this rollout was planned must still be there, or going back would lead nowhere. */
function meddled(rollout: Rollout, evidence: Evidence): string | undefined {
  if (rollout.from === undefined) return undefined
  const slot = evidence.observation.slots[rollout.from.color]
  if (slot === undefined || slot.release === rollout.from.release) return undefined
  return `${rollout.from.color} runs another release than when this rollout began`
}

function confirmed(rollout: Rollout, state: In<'shift'>, evidence: Evidence, now: Instant): Decision {
  const last = state.step >= stepsOf(rollout).length - 1
  const share = `${stepsOf(rollout)[state.step]?.percent ?? 100} % of users are on ${rollout.to.color}`
  const reason = withTimes(share, evidence)
  return last
    ? move(rollout, { state: { phase: 'bake', since: now }, reason, now })
    : move(rollout, { state: { ...state, confirmedAt: now }, reason, now })
}

export function decideBake(rollout: Rollout, state: In<'bake'>, evidence: Evidence, now: Instant): Decision {
  const drifted = driftFromFull(rollout, evidence)
  if (drifted !== undefined) return drifted
  const bakeSeconds = bakeOf(rollout, stepsOf(rollout).length - 1)
  return decideBaking(rollout, { since: state.since, bakeSeconds, evidence, now }, () => {
    if (rollout.from === undefined || isRolling(rollout)) {
      return done(rollout, { outcome: 'succeeded', reason: 'serves all users', now })
    }
    return move(rollout, {
      state: { phase: 'standby', since: now },
      reason: `baked; ${rollout.from.color} stays warm for ${rollout.plan.standbySeconds} s`,
      now,
    })
  })
}

/** Somebody else moved traffic: it is put where this rollout had it. */
function driftFromFull(rollout: Rollout, evidence: Evidence): Decision | undefined {
  if (isRolling(rollout) || isWhereSent(rollout, evidence) || !newColorReady(rollout, evidence))
    return undefined
  const goal = weightsFor(rollout.to.color, 100)
  return act({ kind: 'shift', weights: goal }, 'traffic is not where it was sent; sending it again')
}

function isWhereSent(rollout: Rollout, evidence: Evidence): boolean {
  return showsWeights(evidence.observation, weightsFor(rollout.to.color, 100))
}

interface Baking {
  readonly since: Instant
  readonly bakeSeconds: number
  readonly evidence: Evidence
  readonly now: Instant
}

/** Watches until the time is over and the verdict is good; silence holds, and holding too long counts as failing. */
function decideBaking(rollout: Rollout, baking: Baking, forward: () => Decision): Decision {
  const { since, bakeSeconds, evidence, now } = baking
  const verdict = verdictOn(rollout, evidence)
  if (verdict.health === 'failing') return takeBack(rollout, evidence, { reason: verdict.reason, now })
  if (rollout.pausedBy !== undefined) return wait(`paused by ${rollout.pausedBy}`, now + LOOK_AGAIN)
  if (rollout.request?.kind === 'advance') return forward()
  const over = after(since, bakeSeconds)
  if (now < over) return wait(verdict.reason, Math.min(over, now + LOOK_AGAIN))
  // A first release has no users yet whose silence could mean anything.
  const first = rollout.from === undefined && newColorReady(rollout, evidence)
  if (verdict.health === 'healthy' || first) return forward()
  if (now < after(over, rollout.plan.deadlines.hold)) return wait(verdict.reason, now + LOOK_AGAIN)
  return takeBack(rollout, evidence, { reason: `held too long without a verdict: ${verdict.reason}`, now })
}

/** Dead instances are a verdict of their own: a color without any gets no requests that could fail. */
function verdictOn(rollout: Rollout, evidence: Evidence): Verdict {
  const slot = newSlot(rollout, evidence)
  if (slot === undefined || slot.ready === 0) return { health: 'failing', reason: noneReady(rollout, slot) }
  const verdict = judge(rollout.plan.analysis, rollout.to.color, evidence.measurements)
  if (verdict.health === 'failing' || newColorReady(rollout, evidence)) return verdict
  return { health: 'unknown', reason: `${slot.ready} of ${slot.desired} instances are ready` }
}

const noneReady = (rollout: Rollout, slot: SlotObservation | undefined): string =>
  `no instance of ${rollout.to.color} is ready${slot?.problem === undefined ? '' : `: ${slot.problem}`}`

/** A standby lasts for hours and there are many of them: errors stay in the window long enough to be seen several times. */
function standbyLook({ plan }: Rollout): number {
  const sixth = Math.floor((plan.analysis.windowSeconds * 1000) / 6)
  return Math.min(5 * LOOK_AGAIN, Math.max(LOOK_AGAIN, sixth))
}

/** Monitoring goes on while the old color is warm; only a bad verdict counts here, silence does not. */
export function decideStandby(
  rollout: Rollout,
  state: In<'standby'>,
  evidence: Evidence,
  now: Instant,
): Decision {
  const verdict = verdictOn(rollout, evidence)
  const standby = rollout.from === undefined ? undefined : evidence.observation.slots[rollout.from.color]
  if (verdict.health === 'failing' && (standby?.ready ?? 0) > 0)
    return takeBack(rollout, evidence, { reason: verdict.reason, now })
  const retire = (reason: string) => move(rollout, { state: { phase: 'retire', since: now }, reason, now })
  if (rollout.request?.kind === 'end-standby') return retire(`standby ended early for ${rollout.request.by}`)
  const drifted = driftFromFull(rollout, evidence)
  if (drifted !== undefined) return drifted
  const next = now + standbyLook(rollout)
  if (rollout.pausedBy !== undefined) return wait(`paused by ${rollout.pausedBy}`, next)
  const over = after(state.since, rollout.plan.standbySeconds)
  if (now >= over) {
    return isWhereSent(rollout, evidence)
      ? retire('the standby time is over')
      : wait('users are not all on the new color: the old one stays', now + LOOK_AGAIN)
  }
  return wait(`${rollout.from?.color} stands by`, Math.min(over, next))
}
