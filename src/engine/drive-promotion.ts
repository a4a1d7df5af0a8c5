import { isDeepStrictEqual } from 'node:util'
import { SLUICE } from '../model/actor.ts'
import type { AuditEntry } from '../model/audit-event.ts'
import { type Conducted, conduct } from '../model/conduct.ts'
import type { GateReason } from '../model/gate.ts'
import { gateReasons, gateVerdict } from '../model/gates.ts'
import { planRollouts } from '../model/plan-rollouts.ts'
import type { EnvironmentPolicy } from '../model/policy.ts'
import type { Promotion } from '../model/promotion.ts'
import type { Release } from '../model/release.ts'
import type { Rollout } from '../model/rollout.ts'
import { promotionEntry, rolloutEntry } from './entries.ts'
import { gateFacts } from './gate-facts.ts'
import { openPriors, servingNow } from './latest.ts'
import { lookAt, newPromotion } from './new-promotion.ts'
import type { EngineParts } from './parts.ts'
import type { Change, Lease } from './ports.ts'
import { endPromotion, lookAgain } from './waiting.ts'

type Recorded = 'recorded' | 'conflict'

/** What became of looking at a promotion once: `idle` means that only an event or its due time changes anything. */
export type PromotionStep = Recorded | 'idle'

/** Opens the gate, starts the rollouts, keeps them in order, and ends the promotion. */
export async function stepPromotion(
  parts: EngineParts,
  lease: Lease,
  promotion: Promotion,
  rollouts: readonly Rollout[],
): Promise<PromotionStep> {
  switch (promotion.state.phase) {
    case 'waiting':
      return stepWaiting(parts, lease, promotion)
    case 'running':
      return stepRunning(parts, lease, promotion, rollouts)
    case 'done':
      return 'idle'
    default:
      return promotion.state satisfies never
  }
}

function environmentOf(parts: EngineParts, name: string): EnvironmentPolicy | undefined {
  return parts.policy.current().environments.find(environment => environment.name === name)
}

async function stepWaiting(parts: EngineParts, lease: Lease, promotion: Promotion): Promise<PromotionStep> {
  const { store } = parts
  const now = parts.clock.now()
  const environment = environmentOf(parts, promotion.environment)
  const release = await store.release(promotion.release)
  if (release === undefined) throw new Error(`${promotion.id} names a release that is not in the store`)
  if (environment === undefined) {
    return sendBack(parts, lease, promotion, [`there is no environment ${promotion.environment} any more`])
  }
  if (promotion.kind === 'rollback') return start(parts, lease, promotion, release)
  const reasons = gateReasons(
    await gateFacts(store, promotion, { release, environment, own: promotion.id }),
    now,
  )
  const verdict = gateVerdict(reasons)
  if (verdict === 'met') return start(parts, lease, promotion, release)
  if (verdict === 'failed') {
    return sendBack(
      parts,
      lease,
      promotion,
      reasons.map(({ reason }) => reason),
    )
  }
  return keepWaiting(parts, lease, promotion, reasons)
}

async function keepWaiting(
  parts: EngineParts,
  lease: Lease,
  promotion: Promotion,
  reasons: readonly GateReason[],
): Promise<PromotionStep> {
  const now = parts.clock.now()
  const dueAt = lookAt(reasons, now)
  const told = promotion.state.phase === 'waiting' ? promotion.state.reasons : []
  if (isDeepStrictEqual(told, reasons) && promotion.dueAt === dueAt) return 'idle'
  const value: Promotion = {
    ...promotion,
    state: { phase: 'waiting', reasons },
    dueAt,
    version: promotion.version + 1,
  }
  const entry = promotionEntry(value, {
    kind: 'promotion.waiting',
    actor: 'sluice',
    message: `waits: ${reasons.map(({ reason }) => reason).join('; ')}`,
    at: now,
    data: { reasons },
  })
  const news = isDeepStrictEqual(told.map(gist), reasons.map(gist)) ? [] : [entry]
  return parts.store.record([{ kind: 'promotion', value }], news, lease)
}

/** Less the seconds that are left, which change with every look. */
const gist = ({ gate, state, reason, until }: GateReason) => ({ gate, state, reason: until ?? reason })

async function start(
  parts: EngineParts,
  lease: Lease,
  promotion: Promotion,
  release: Release,
): Promise<Recorded> {
  const now = parts.clock.now()
  const serving = await servingNow(parts.store, promotion.environment, promotion.services)
  const value: Promotion = {
    ...promotion,
    state: { phase: 'running', startedAt: now },
    dueAt: now,
    version: promotion.version + 1,
  }
  const rollouts = planRollouts(promotion, release, serving, now)
  const entry = promotionEntry(value, {
    kind: 'promotion.started',
    actor: promotion.by.name,
    message: promotion.kind === 'rollback' ? 'goes back to it' : 'every gate is open; it begins',
    at: now,
    data: { services: promotion.services },
  })
  const changes: Change[] = rollouts.map(rollout => ({ kind: 'rollout', value: rollout }))
  return parts.store.record([{ kind: 'promotion', value }, ...changes], [entry], lease)
}

async function sendBack(
  parts: EngineParts,
  lease: Lease,
  promotion: Promotion,
  reasons: readonly string[],
): Promise<Recorded> {
  const now = parts.clock.now()
  const value = endPromotion(promotion, { outcome: 'returned', reasons, now })
  const entry = promotionEntry(value, {
    kind: 'promotion.returned',
    actor: 'sluice',
    message: `sent back: ${reasons.join('; ')}`,
    at: now,
    data: { reasons },
  })
  return parts.store.record([{ kind: 'promotion', value }], [entry], lease)
}

/** Later the rollout before is over: asking about all of many services at every look would take a second. */
const mayMeetPrior = ({ state }: Rollout): boolean => state.phase === 'pending' || state.phase === 'provision'

async function stepRunning(
  parts: EngineParts,
  lease: Lease,
  promotion: Promotion,
  rollouts: readonly Rollout[],
): Promise<PromotionStep> {
  const now = parts.clock.now()
  const priors = await openPriors(parts.store, rollouts.filter(mayMeetPrior))
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
