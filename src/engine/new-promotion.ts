import type { Actor } from '../model/actor.ts'
import type { AuditEntry } from '../model/audit-event.ts'
import type { GateReason } from '../model/gate.ts'
import type { Instant } from '../model/instant.ts'
import type { Promotion } from '../model/promotion.ts'
import type { Release } from '../model/release.ts'
import { promotionEntry } from './entries.ts'
import type { Change, Store } from './ports.ts'
import { supersede } from './waiting.ts'

export interface Wanted {
  readonly release: Release
  readonly environment: string
  readonly by: Actor
  readonly breakGlass?: { readonly reason: string }
  readonly reasons: readonly GateReason[]
}

/** A promotion that waits (the engine starts it as soon as its gate is open), and the end of those that it supersedes. */
export async function newPromotion(
  store: Store,
  wanted: Wanted,
  now: Instant,
): Promise<{
  readonly promotion: Promotion
  readonly changes: readonly Change[]
  readonly entries: readonly AuditEntry[]
}> {
  const { release, environment, by, reasons } = wanted
  const promotion: Promotion = {
    id: `${environment}-${await store.nextPromotionNumber(environment)}`,
    environment,
    release: release.id,
    kind: 'promotion',
    services: Object.keys(release.environments[environment] ?? {}).toSorted(),
    by,
    ...(wanted.breakGlass === undefined ? {} : { breakGlass: wanted.breakGlass }),
    createdAt: now,
    state: { phase: 'waiting', reasons },
    // Looked at once in any case: what the gate waits for may have happened since the facts were read.
    dueAt: now,
    version: 1,
  }
  const superseded = await supersede(store, promotion, now)
  const glass = wanted.breakGlass === undefined ? '' : `; break-glass: ${wanted.breakGlass.reason}`
  const entry = promotionEntry(promotion, {
    kind: 'promotion.requested',
    actor: by.name,
    message: `asked for by ${by.name}${glass}`,
    at: now,
    data: { reasons },
  })
  return {
    promotion,
    changes: [{ kind: 'promotion', value: promotion }, ...superseded.changes],
    entries: [entry, ...superseded.entries],
  }
}

/** At once when nothing is in the way, when the first of the reasons runs out, or on an event only. */
export function lookAt(reasons: readonly GateReason[], now: Instant): Instant | null {
  if (reasons.length === 0) return now
  const times = reasons.flatMap(({ until }) => until ?? [])
  return times.length === 0 ? null : Math.min(...times)
}
