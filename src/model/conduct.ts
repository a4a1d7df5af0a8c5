import { begin } from './decide.ts'
import type { Instant } from './instant.ts'
import type { Promotion, PromotionOutcome } from './promotion.ts'
import { isCalledBack, type Rollout, type RolloutRequest } from './rollout.ts'

/** What a running promotion changes about rollouts now, and how it ends once they have. */
export interface Conducted {
  readonly rollouts: readonly { readonly rollout: Rollout; readonly reason: string }[]
  readonly end?: { readonly outcome: PromotionOutcome; readonly reasons: readonly string[] }
}

export interface Orchestra {
  readonly promotion: Promotion
  readonly rollouts: readonly Rollout[]
  /** The rollout before, of each service, where it is still open. */
  readonly priors: ReadonlyMap<string, Rollout>
  readonly onFailure: 'stop' | 'take-back'
}

/** Keeps the services of one release in order: who may begin, who has to stop, and when it is over. */
export function conduct(orchestra: Orchestra, now: Instant): Conducted {
  const { promotion, rollouts } = orchestra
  // On the way back every service is a gain of its own: one that cannot go back keeps no other from it.
  const failed = promotion.kind === 'rollback' ? undefined : rollouts.find(isLost)
  const changed = [
    ...(failed === undefined ? beginners(orchestra, now) : stopped(orchestra, failed, now)),
    ...standbysInTheWay(orchestra, now),
  ]
  if (changed.length > 0 || !rollouts.every(isSettled)) return { rollouts: changed }
  return { rollouts: [], end: endOf(rollouts) }
}

/** Users are on the new release for good, or it has ended. */
const isSettled = (rollout: Rollout): boolean =>
  (rollout.state.phase === 'standby' && !isCalledBack(rollout)) ||
  rollout.state.phase === 'retire' ||
  rollout.state.phase === 'done'

const hasSwitched = ({ state }: Rollout): boolean =>
  state.phase === 'standby' ||
  state.phase === 'retire' ||
  (state.phase === 'done' && state.outcome === 'succeeded')

const isLost = ({ state }: Rollout): boolean =>
  state.phase === 'rollback' ||
  state.phase === 'withdraw' ||
  (state.phase === 'done' && state.outcome !== 'succeeded')

function beginners({ rollouts, priors }: Orchestra, now: Instant) {
  const switched = new Set(rollouts.filter(hasSwitched).map(rollout => rollout.service))
  return rollouts
    .filter(
      ({ state, request, pausedBy }) => state.phase === 'pending' && (request ?? pausedBy) === undefined,
    )
    .filter(rollout => rollout.after.every(service => switched.has(service)))
    .filter(rollout => {
      const prior = priors.get(rollout.service)
      // One that was called back is about to move users: whoever begins beside it would begin from where they were.
      return prior === undefined || (prior.state.phase === 'standby' && !isCalledBack(prior))
    })
    .map(rollout => ({ rollout: begin(rollout, now), reason: 'begins' }))
}

/** One service failed: the others of its release that users are not on yet stop, those that switched stay or go back. */
function stopped({ rollouts, onFailure }: Orchestra, failed: Rollout, now: Instant) {
  const reason = `${failed.service} of the same release did not succeed`
  return rollouts.flatMap(rollout => {
    if (isCalledBack(rollout) || isLost(rollout)) return []
    const { phase } = rollout.state
    if (!isSettled(rollout)) return [asked(rollout, { kind: 'abort', by: 'sluice', at: now, reason }, now)]
    if (phase !== 'standby' || onFailure === 'stop') return []
    return [asked(rollout, { kind: 'rollback', by: 'sluice', at: now, reason }, now)]
  })
}

/** Only two colors exist: the color that a new release needs is freed by ending the standby before it. */
function standbysInTheWay({ promotion, rollouts, priors }: Orchestra, now: Instant) {
  return rollouts.flatMap(rollout => {
    const prior = priors.get(rollout.service)
    if (
      rollout.state.phase !== 'provision' ||
      prior?.state.phase !== 'standby' ||
      prior.request !== undefined
    )
      return []
    return [asked(prior, { kind: 'end-standby', by: promotion.id, at: now }, now)]
  })
}

function asked(rollout: Rollout, request: RolloutRequest, now: Instant) {
  const why = 'reason' in request ? request.reason : `${request.by} takes its place`
  const changed = { ...rollout, request, dueAt: now, version: rollout.version + 1 }
  return { rollout: changed, reason: `${request.kind}: ${why}` }
}

const SEVERITY: readonly PromotionOutcome[] = ['failed', 'rolled-back', 'aborted', 'succeeded']

function endOf(rollouts: readonly Rollout[]) {
  const outcomes = rollouts.map(
    ({ state }): PromotionOutcome => (state.phase === 'done' ? state.outcome : 'succeeded'),
  )
  const outcome = SEVERITY.find(candidate => outcomes.includes(candidate)) ?? 'succeeded'
  const reasons = rollouts.flatMap(({ service, state }) =>
    state.phase === 'done' && state.outcome !== 'succeeded' ? [`${service}: ${state.reason}`] : [],
  )
  return { outcome, reasons }
}
