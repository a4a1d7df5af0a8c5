import { decideRetire, decideRollback, decideWithdraw } from './backward.ts'
import type { Decision, Evidence } from './decision.ts'
import { decideApproval, decidePreflight, decideProvision, decideVerify } from './forward.ts'
import type { Instant } from './instant.ts'
import { done, move, takeBack, wait, withdraw } from './moves.ts'
import { isRolling, type Rollout } from './rollout.ts'
import { decideBake, decideShift, decideStandby } from './traffic.ts'

/** Chooses the next move and performs none of it: the engine records the decision before it acts. */
export function decide(rollout: Rollout, evidence: Evidence, now: Instant): Decision {
  const decision = decideOnce(rollout, evidence, now)
  if (decision.kind !== 'move' || !movesTraffic(decision.rollout)) return decision
  // A verification takes its time: what was observed before it may not be so any more.
  if (evidence.verification !== undefined) return decision
  // Users wait for what the new phase does first, and the same evidence is enough to choose it.
  const first = decideOnce(decision.rollout, evidence, now)
  return first.kind === 'act' ? { ...decision, act: first.act } : decision
}

const movesTraffic = ({ state }: Rollout): boolean => state.phase === 'shift' || state.phase === 'rollback'

function decideOnce(rollout: Rollout, evidence: Evidence, now: Instant): Decision {
  const { state } = rollout
  const asked = decideRequest(rollout, evidence, now)
  if (asked !== undefined) return asked
  switch (state.phase) {
    case 'pending':
      return wait('another service switches first', null)
    case 'preflight':
      return decidePreflight(rollout, state, evidence, now)
    case 'provision':
      return decideProvision(rollout, state, evidence, now)
    case 'verify':
      return decideVerify(rollout, state, evidence, now)
    case 'approval':
      return decideApproval(rollout, state, evidence, now)
    case 'shift':
      return decideShift(rollout, state, evidence, now)
    case 'bake':
      return decideBake(rollout, state, evidence, now)
    case 'standby':
      return decideStandby(rollout, state, evidence, now)
    case 'retire':
      return decideRetire(rollout, state, evidence, now)
    case 'rollback':
      return decideRollback(rollout, state, evidence, now)
    case 'withdraw':
      return decideWithdraw(rollout, state, evidence, now)
    case 'done':
      return wait(state.reason, null)
    default:
      return state satisfies never
  }
}

/** A person's word goes before everything that the phase would do by itself. */
function decideRequest(rollout: Rollout, evidence: Evidence, now: Instant): Decision | undefined {
  const { request, state } = rollout
  if (request === undefined || (request.kind !== 'abort' && request.kind !== 'rollback')) return undefined
  const reason = `${request.kind === 'abort' ? 'aborted' : 'rolled back'} by ${request.by}: ${request.reason}`
  const outcome = request.kind === 'abort' ? ('aborted' as const) : ('rolled-back' as const)
  switch (state.phase) {
    case 'pending':
    case 'preflight':
      return done(rollout, { outcome: 'aborted', reason, now })
    case 'provision':
      if (isRolling(rollout))
        return takeBack(rollout, evidence, { reason, now, requestedAt: request.at, outcome })
      return withdraw(rollout, { outcome: 'aborted', reason, now })
    case 'verify':
    case 'approval':
      return withdraw(rollout, { outcome: 'aborted', reason, now })
    case 'shift':
    case 'bake':
    case 'standby':
      return takeBack(rollout, evidence, { reason, now, requestedAt: request.at, outcome })
    case 'retire':
    case 'rollback':
    case 'withdraw':
    case 'done':
      return undefined
    default:
      return state satisfies never
  }
}

/** Leaves `pending`: everything that had to switch first has. */
export function begin(rollout: Rollout, now: Instant): Rollout {
  return move(rollout, { state: { phase: 'preflight', since: now }, reason: 'begins', now }).rollout
}
