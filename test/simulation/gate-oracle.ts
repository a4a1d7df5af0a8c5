import type { Policy } from '../../src/model/policy.ts'
import type { Promotion } from '../../src/model/promotion.ts'
import type { Kept } from './memory-store.ts'
import type { World } from './world.ts'

/** Why this promotion may not begin now, by a reading of the rules of its own: shorter than the engine's, and slower. */
export function gateProblem(
  { kept, policy, world }: { readonly kept: Kept; readonly policy: Policy; readonly world: World },
  promotion: Promotion,
): string | undefined {
  if (promotion.kind === 'rollback') return undefined
  const environment = policy.environments.find(({ name }) => name === promotion.environment)
  const release = kept.releases.get(promotion.release)
  if (environment === undefined || release === undefined) return 'there is no such environment or release'
  const now = world.now()
  const others = [...kept.promotions.values()].filter(({ id }) => id !== promotion.id)
  if (others.some(one => one.environment === environment.name && one.state.phase === 'running'))
    return 'another promotion runs'
  const { gate } = environment
  for (const name of gate.checks)
    if (kept.checks.get(`${release.id} ${name}`)?.state !== 'passed') return `check ${name} has not passed`
  const words = [...kept.approvals.values()].filter(
    one =>
      one.release === release.id && one.environment === environment.name && one.withdrawnAt === undefined,
  )
  for (const rule of gate.approvals) {
    const own = words.filter(({ kind }) => kind === rule.kind)
    if (own.some(({ verdict }) => verdict === 'rejected')) return `${rule.kind} was rejected`
    // A second of grace: the engine looked with its own clock, a moment before it recorded.
    const valid = own.filter(({ expiresAt, by }) => expiresAt > now - GRACE && by !== release.author)
    if (new Set(valid.map(({ by }) => by)).size < rule.count) return `${rule.kind} was not approved`
  }
  const frozen = [...kept.freezes.values()].find(
    one =>
      (one.environment ?? environment.name) === environment.name &&
      one.liftedAt === undefined &&
      one.from <= now - GRACE &&
      (one.until === undefined || one.until > now + GRACE),
  )
  if (frozen !== undefined && promotion.breakGlass === undefined) return `it is frozen by ${frozen.id}`
  if (environment.after === undefined) return undefined
  const before = others.filter(
    one =>
      one.environment === environment.after &&
      one.release === release.id &&
      one.state.phase === 'done' &&
      one.state.outcome === 'succeeded',
  )
  const times = before.flatMap(({ state }) => (state.phase === 'done' ? [state.at] : []))
  if (times.length === 0) return `it never succeeded in ${environment.after}`
  const soaked = Math.min(...times) + gate.soakSeconds * 1000
  return soaked > now + GRACE ? `it has soaked too shortly in ${environment.after}` : undefined
}

/** Clocks of processes differ by up to this much in a history, in milliseconds. */
const GRACE = 5000
