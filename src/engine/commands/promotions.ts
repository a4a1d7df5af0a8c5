import type { Actor } from '../../model/actor.ts'
import type { GateReason } from '../../model/gate.ts'
import { gateReasons, gateVerdict } from '../../model/gates.ts'
import type { Promotion } from '../../model/promotion.ts'
import { isCalledBack, type Rollout } from '../../model/rollout.ts'
import { accept, refuse, unmet } from '../answers.ts'
import type { Answer, GateReport, PromotionRequest } from '../control-plane.ts'
import { promotionEntry, rolloutEntry } from '../entries.ts'
import { gateFacts } from '../gate-facts.ts'
import { allRollouts } from '../latest.ts'
import { newPromotion } from '../new-promotion.ts'
import type { EngineParts } from '../parts.ts'
import { endPromotion } from '../waiting.ts'
import { untilRecorded } from './retry.ts'

export async function gate(parts: EngineParts, request: PromotionRequest): Promise<Answer<GateReport>> {
  const asked = await ask(parts, request)
  return asked.ok ? accept({ verdict: asked.value.verdict, reasons: asked.value.reasons }) : asked
}

async function ask(parts: EngineParts, request: PromotionRequest) {
  const release = await parts.store.release(request.release)
  if (release === undefined)
    return refuse<never>('not-found', 'there is no such release', 'see `sluice release list`')
  const environment = parts.policy.current().environments.find(({ name }) => name === request.environment)
  if (environment === undefined) {
    return refuse<never>('not-found', `there is no environment ${request.environment}`, 'see `sluice status`')
  }
  const reasons = gateReasons(
    await gateFacts(parts.store, request, { release, environment }),
    parts.clock.now(),
  )
  return accept({ release, reasons, verdict: gateVerdict(reasons) })
}

export function promote(parts: EngineParts, request: PromotionRequest): Promise<Answer<Promotion>> {
  return untilRecorded(async () => {
    const asked = await ask(parts, request)
    if (!asked.ok) return asked
    const { release, reasons, verdict } = asked.value
    const now = parts.clock.now()
    const made = await newPromotion(parts.store, { ...request, release, reasons }, now)
    if (verdict === 'failed') return returnAtOnce(parts, made.promotion, reasons)
    const recorded = await parts.store.record(made.changes, made.entries)
    return recorded === 'recorded' ? accept(made.promotion) : undefined
  })
}

/** Sent straight back, with every reason; the promotions that wait are left alone. */
async function returnAtOnce(
  parts: EngineParts,
  promotion: Promotion,
  reasons: readonly GateReason[],
): Promise<Answer<Promotion> | undefined> {
  const now = parts.clock.now()
  const told = reasons.map(({ reason }) => reason)
  const ended: Promotion = {
    ...endPromotion(promotion, { outcome: 'returned', reasons: told, now }),
    version: 1,
  }
  const entry = promotionEntry(ended, {
    kind: 'promotion.returned',
    actor: promotion.by.name,
    message: `sent back: ${told.join('; ')}`,
    at: now,
    data: { reasons },
  })
  const recorded = await parts.store.record([{ kind: 'promotion', value: ended }], [entry])
  return recorded === 'recorded'
    ? unmet(`${promotion.environment} does not take this release`, reasons)
    : undefined
}

export function abortPromotion(
  parts: EngineParts,
  id: string,
  by: Actor,
  reason: string,
): Promise<Answer<Promotion>> {
  return untilRecorded(async () => {
    const promotion = await parts.store.promotion(id)
    if (promotion === undefined)
      return refuse('not-found', `there is no promotion ${id}`, 'see `sluice status`')
    switch (promotion.state.phase) {
      case 'done':
        return refuse(
          'conflict',
          `${id} has ended: ${promotion.state.outcome}`,
          'to take users back use `sluice rollback`',
        )
      case 'waiting':
        return abortWaiting(parts, promotion, by, reason)
      case 'running':
        return abortRunning(parts, promotion, by, reason)
      default:
        return promotion.state satisfies never
    }
  })
}

async function abortWaiting(
  parts: EngineParts,
  promotion: Promotion,
  by: Actor,
  reason: string,
): Promise<Answer<Promotion> | undefined> {
  const now = parts.clock.now()
  const value = endPromotion(promotion, { outcome: 'aborted', reasons: [reason], now })
  const entry = promotionEntry(value, {
    kind: 'promotion.finished',
    actor: by.name,
    message: `aborted: ${reason}`,
    at: now,
  })
  return (await parts.store.record([{ kind: 'promotion', value }], [entry])) === 'recorded'
    ? accept(value)
    : undefined
}

async function abortRunning(
  parts: EngineParts,
  promotion: Promotion,
  by: Actor,
  reason: string,
): Promise<Answer<Promotion> | undefined> {
  const now = parts.clock.now()
  const open = await allRollouts(parts.store, { promotion: promotion.id, open: true })
  const asked = open
    .filter(rollout => !isCalledBack(rollout))
    .map(rollout => withAbort(rollout, by, reason, now))
  const entries = asked.map(rollout =>
    rolloutEntry(rollout, {
      kind: 'rollout.requested',
      actor: by.name,
      message: `abort: ${reason}`,
      at: now,
    }),
  )
  const recorded = await parts.store.record(
    asked.map(value => ({ kind: 'rollout', value })),
    entries,
  )
  return recorded === 'recorded' ? accept(promotion) : undefined
}

function withAbort(rollout: Rollout, by: Actor, reason: string, now: number): Rollout {
  return {
    ...rollout,
    request: { kind: 'abort', by: by.name, at: now, reason },
    dueAt: now,
    version: rollout.version + 1,
  }
}
