import { SLUICE } from '../model/actor.ts'
import type { AuditEntry } from '../model/audit-event.ts'
import { type Conducted, conduct } from '../model/conduct.ts'
import type { Promotion } from '../model/promotion.ts'
import { promotionEntry, rolloutEntry } from './entries.ts'
import { openPriors } from './latest.ts'
import { newPromotion } from './new-promotion.ts'
import type { EngineParts } from './parts.ts'
import type { Change, Lease } from './ports.ts'
import { environmentOf, type Look, type PromotionStep, type Recorded } from './promotion-step.ts'
import { endPromotion, lookAgain } from './waiting.ts'

/** Keeps the rollouts of a promotion in order and ends it when they have. */
export async function stepRunning(
  parts: EngineParts,
  lease: Lease,
  { promotion, rollouts, settledPriors }: Look,
): Promise<PromotionStep> {
  const now = parts.clock.now()
  const priors = await openPriors(parts.store, rollouts, settledPriors)
  const onFailure = environmentOf(parts, promotion.environment)?.onFailure ?? 'stop'
  const conducted = conduct({ promotion, rollouts, priors, onFailure }, now)
  if (conducted.end !== undefined) return finish(parts, lease, promotion, conducted.end)
  if (conducted.rollouts.length === 0) return 'idle'
  const changes: Change[] = conducted.rollouts.map(({ rollout }) => ({ kind: 'rollout', value: rollout }))
  const entries = conducted.rollouts.map(({ rollout, reason }) =>
    rolloutEntry(rollout, {
      kind: rollout.request === undefined ? 'rollout.moved' : 'rollout.requested',
      actor: 'sluice',
      message: `${rollout.state.phase}: ${reason}`,
      at: now,
      data: { state: rollout.state },
    }),
  )
  return parts.store.record(changes, entries, lease)
}

async function finish(
  parts: EngineParts,
  lease: Lease,
  promotion: Promotion,
  end: NonNullable<Conducted['end']>,
): Promise<Recorded> {
  const now = parts.clock.now()
  const value = endPromotion(promotion, { ...end, now })
  const entry = promotionEntry(value, {
    kind: 'promotion.finished',
    actor: 'sluice',
    message: [end.outcome, ...end.reasons].join('; '),
    at: now,
    data: { outcome: end.outcome, reasons: end.reasons },
  })
  const onward =
    end.outcome === 'succeeded' && promotion.kind === 'promotion' ? await goOn(parts, value) : NOTHING
  const waiting = await lookAgain(parts.store, { environment: promotion.environment }, now)
  return parts.store.record(
    [{ kind: 'promotion', value }, ...waiting, ...onward.changes],
    [entry, ...onward.entries],
    lease,
  )
}

interface Onward {
  readonly changes: readonly Change[]
  readonly entries: readonly AuditEntry[]
}

const NOTHING: Onward = { changes: [], entries: [] }

/** Environments that take what succeeded in the one before by themselves; their gates decide when. */
async function goOn(parts: EngineParts, succeeded: Promotion): Promise<Onward> {
  const release = await parts.store.release(succeeded.release)
  if (release === undefined) return NOTHING
  const now = parts.clock.now()
  const next = parts.policy
    .current()
    .environments.filter(
      ({ after, promotion }) => after === succeeded.environment && promotion === 'automatic',
    )
  const made = await Promise.all(
    next.map(({ name }) =>
      newPromotion(parts.store, { release, environment: name, by: SLUICE, reasons: [] }, now),
    ),
  )
  return { changes: made.flatMap(one => one.changes), entries: made.flatMap(one => one.entries) }
}
