import type { Instant } from './instant.ts'
import type { Rollout } from './rollout.ts'

/** What has to be read, beside the observation, before the present phase can be decided. */
export interface EvidenceWanted {
  readonly preflight: boolean
  readonly verification: boolean
  /** Whether the rollout before is still open. */
  readonly prior: boolean
  /** The window of measurements, which never reaches before the moment that traffic last moved. */
  readonly since?: Instant
}

const NOTHING: EvidenceWanted = { preflight: false, verification: false, prior: false }

export function evidenceWanted(rollout: Rollout, now: Instant): EvidenceWanted {
  const { request, state, plan } = rollout
  // A person's word is followed whatever else could be read, and users wait for it.
  if (request?.kind === 'abort' || request?.kind === 'rollback') return NOTHING
  const windowFrom = (moved: Instant): EvidenceWanted => ({
    ...NOTHING,
    since: Math.max(moved, now - plan.analysis.windowSeconds * 1000),
  })
  switch (state.phase) {
    case 'preflight':
      return { ...NOTHING, preflight: true, prior: true }
    case 'verify':
      return { ...NOTHING, verification: true }
    case 'shift':
      return state.confirmedAt === undefined ? NOTHING : windowFrom(state.confirmedAt)
    case 'bake':
    case 'standby':
      return windowFrom(state.since)
    case 'provision':
    case 'withdraw':
      return { ...NOTHING, prior: true }
    case 'pending':
    case 'approval':
    case 'retire':
    case 'rollback':
    case 'done':
      return NOTHING
    default:
      return state satisfies never
  }
}
