import type { AuditEntry, AuditKind } from '../model/audit-event.ts'
import type { Instant } from '../model/instant.ts'
import type { Promotion } from '../model/promotion.ts'
import { shortRelease } from '../model/release.ts'
import type { Rollout } from '../model/rollout.ts'

interface Told {
  readonly kind: AuditKind
  readonly actor: string
  readonly message: string
  readonly at: Instant
  readonly data?: Readonly<Record<string, unknown>>
}

/** The audit entry of something that happened to a promotion. */
export function promotionEntry(promotion: Promotion, told: Told): AuditEntry {
  return {
    ...told,
    environment: promotion.environment,
    release: promotion.release,
    promotion: promotion.id,
    message: `${shortRelease(promotion.release)} into ${promotion.environment}: ${told.message}`,
  }
}

/** The audit entry of something that happened to a rollout. */
export function rolloutEntry(rollout: Rollout, told: Told): AuditEntry {
  return {
    ...told,
    environment: rollout.environment,
    service: rollout.service,
    release: rollout.to.release,
    promotion: rollout.promotion,
    rollout: rollout.id,
    message: `${rollout.environment}/${rollout.service}: ${told.message}`,
  }
}
