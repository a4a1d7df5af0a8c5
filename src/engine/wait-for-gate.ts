import { isDeepStrictEqual } from 'node:util'
import type { GateReason } from '../model/gate.ts'
import { gateReasons, gateVerdict } from '../model/gates.ts'
import { planRollouts } from '../model/plan-rollouts.ts'
import type { Promotion } from '../model/promotion.ts'
import type { Release } from '../model/release.ts'
import { promotionEntry } from './entries.ts'
import { gateFacts } from './gate-facts.ts'
import { standingsOf } from './latest.ts'
import { lookAt } from './new-promotion.ts'
import type { EngineParts } from './parts.ts'
import type { Change, Lease } from './ports.ts'
import { environmentOf, type PromotionStep, type Recorded } from './promotion-step.ts'
import { endPromotion } from './waiting.ts'

/** Starts a waiting promotion when its gate is open, sends it back when a condition failed, else lets it wait. */
export async function stepWaiting(
  parts: EngineParts,
  lease: Lease,
  promotion: Promotion,
): Promise<PromotionStep> {
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
  const standings = await standingsOf(parts.store, promotion.environment, promotion.services)
  const value: Promotion = {
    ...promotion,
    state: { phase: 'running', startedAt: now },
    dueAt: now,
    version: promotion.version + 1,
  }
  const rollouts = planRollouts(promotion, release, standings, now)
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
