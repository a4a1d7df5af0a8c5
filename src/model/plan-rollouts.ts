import { otherColor } from './color.ts'
import type { Digest } from './digest.ts'
import type { Instant } from './instant.ts'
import type { Promotion } from './promotion.ts'
import type { Release } from './release.ts'
import type { Occupant, Rollout } from './rollout.ts'
import type { RolloutPlan, ServiceSpec } from './service-spec.ts'

/** One rollout a service of the promotion, each still pending; `serving` is who has the users of each service now. */
export function planRollouts(
  promotion: Promotion,
  release: Release,
  serving: ReadonlyMap<string, Occupant>,
  now: Instant,
): readonly Rollout[] {
  return promotion.services.map(service => {
    const spec = release.environments[promotion.environment]?.[service]
    const artifact = release.artifacts[service]
    if (spec === undefined || artifact === undefined)
      throw new Error(`${promotion.id} names ${service}, which its release does not have`)
    return planRollout(
      { promotion, service, spec, artifact: artifact.digest, from: serving.get(service) },
      now,
    )
  })
}

interface Planned {
  readonly promotion: Promotion
  readonly service: string
  readonly spec: ServiceSpec
  readonly artifact: Digest
  readonly from: Occupant | undefined
}

function planRollout({ promotion, service, spec, artifact, from }: Planned, now: Instant): Rollout {
  return {
    id: `${promotion.id}.${service}`,
    promotion: promotion.id,
    environment: promotion.environment,
    service,
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
