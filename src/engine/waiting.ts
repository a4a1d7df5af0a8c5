import type { AuditEntry } from '../model/audit-event.ts'
import type { Instant } from '../model/instant.ts'
import type { Promotion } from '../model/promotion.ts'
import { promotionEntry } from './entries.ts'
import { everyItem } from './pages.ts'
import type { Change, PromotionFilter, Store } from './ports.ts'

/** Changes that let the engine look again at promotions that wait: something that they wait for may have happened. */
export async function lookAgain(
  store: Store,
  filter: Omit<PromotionFilter, 'phase'>,
  now: Instant,
): Promise<readonly Change[]> {
  const waiting = await everyItem(page => store.promotions({ ...filter, phase: 'waiting' }, page))
  return waiting.map(promotion => ({
    kind: 'promotion',
    value: { ...promotion, dueAt: now, version: promotion.version + 1 },
  }))
}

/** A newer promotion takes the place of those that wait for the same environment. */
export async function supersede(
  store: Store,
  newer: Promotion,
  now: Instant,
): Promise<{ readonly changes: readonly Change[]; readonly entries: readonly AuditEntry[] }> {
  const { environment } = newer
  const waiting = await everyItem(page => store.promotions({ environment, phase: 'waiting' }, page))
  const ended = waiting
    .filter(promotion => promotion.id !== newer.id)
    .map(promotion =>
      endPromotion(promotion, { outcome: 'superseded', reasons: [`${newer.id} took its place`], now }),
    )
  return {
    changes: ended.map(value => ({ kind: 'promotion', value })),
    entries: ended.map(promotion =>
      promotionEntry(promotion, {
        kind: 'promotion.superseded',
        actor: newer.by.name,
        message: `superseded by ${newer.id}`,
        at: now,
      }),
    ),
  }
}

export function endPromotion(
  promotion: Promotion,
  end: {
    readonly outcome: Extract<Promotion['state'], { phase: 'done' }>['outcome']
    readonly reasons: readonly string[]
    readonly now: Instant
  },
): Promotion {
  return {
    ...promotion,
    state: { phase: 'done', outcome: end.outcome, reasons: end.reasons, at: end.now },
    dueAt: null,
    version: promotion.version + 1,
  }
}
