import { otherColor } from './color.ts'
import type { Digest } from './digest.ts'
import type { Instant } from './instant.ts'
import type { Promotion } from './promotion.ts'
import type { Release } from './release.ts'
import type { Occupant, Rollout } from './rollout.ts'
import type { RolloutPlan, ServiceSpec } from './service-spec.ts'

/** What a service's rollouts have come to. */
export interface Standing {
  /** Who has its users; undefined before the first release. */
  readonly serving?: Occupant
  /** Number of the newest rollout; 0 when there is none. */
  readonly newest: number
}

/** One rollout a service of the promotion, each still pending. */
export function planRollouts(
  promotion: Promotion,
  release: Release,
  standings: ReadonlyMap<string, Standing>,
  now: Instant,
): readonly Rollout[] {
  return promotion.services.map(service => {
    const spec = release.environments[promotion.environment]?.[service]
    const artifact = release.artifacts[service]
    if (spec === undefined || artifact === undefined)
      throw new Error(`${promotion.id} names ${service}, which its release does not have`)
    const standing = standings.get(service) ?? { newest: 0 }
    return planRollout({ promotion, service, spec, artifact: artifact.digest, standing }, now)
  })
}

interface Planned {
  readonly promotion: Promotion
  readonly service: string
  readonly spec: ServiceSpec
  readonly artifact: Digest
  readonly standing: Standing
}

function planRollout({ promotion, service, spec, artifact, standing }: Planned, now: Instant): Rollout {
  const from = standing.serving
  return {
    id: `${promotion.id}.${service}`,
    promotion: promotion.id,
    environment: promotion.environment,
    service,
    number: standing.newest + 1,
    kind: promotion.kind,
    ...(from === undefined ? {} : { from }),
    to: { color: colorFor(spec, from), release: promotion.release },
    artifact,
    after: promotion.kind === 'rollback' ? [] : spec.after.filter(name => promotion.services.includes(name)),
    plan: promotion.kind === 'rollback' ? planBack(spec.rollout) : spec.rollout,
    replicas: spec.replicas,
    autoscaled: spec.scaling !== undefined,
    createdAt: now,
    state: { phase: 'pending', since: now },
    history: [{ phase: 'pending', at: now, reason: `planned by ${promotion.id}` }],
    dueAt: now,
    version: 1,
  }
}

function colorFor(spec: ServiceSpec, from: Occupant | undefined) {
  if (from === undefined) return 'blue'
  return spec.rollout.strategy === 'rolling' ? from.color : otherColor(from.color)
}

/** Going back to a release that was good: ready instances are enough, and all users move at once. */
function planBack(plan: RolloutPlan): RolloutPlan {
  const {
    comparison: _comparison,
    maxP95Milliseconds: _p95,
    maxP99Milliseconds: _p99,
    ...analysis
  } = plan.analysis
  return {
    ...plan,
    steps: [{ percent: 100, bakeSeconds: 0 }],
    verify: [],
    approveSwitch: false,
    analysis: { ...analysis, minimumRequests: 0, maxErrorRate: 1 },
  }
}
