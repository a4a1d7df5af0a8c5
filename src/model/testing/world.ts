import type { Color, Weights } from '../color.ts'
import { decide } from '../decide.ts'
import type { Act, Decision, Evidence } from '../decision.ts'
import { evidenceWanted } from '../evidence-wanted.ts'
import type { Instant } from '../instant.ts'
import type { Measurements, Observation, SlotObservation } from '../observation.ts'
import type { ReleaseId } from '../release.ts'
import type { Rollout } from '../rollout.ts'
import type { RolloutPlan } from '../service-spec.ts'

/** A target in memory, as `decide` sees one: acts take effect at once, instances become ready when told. */
export interface World {
  now: Instant
  weights?: Weights
  slots: { [color in Color]?: SlotObservation }
  preflight: readonly string[] | undefined
  verification: { passed: boolean; problems: readonly string[] } | undefined
  measurements: Measurements | undefined
  /** New instances are ready as soon as they are asked for. */
  quick: boolean
  priorIsOpen: boolean
}

export const BLUE_RELEASE = `sha256:${'b'.repeat(64)}` as const
export const GREEN_RELEASE = `sha256:${'a'.repeat(64)}` as const

export const PLAN: RolloutPlan = {
  strategy: 'blue-green',
  steps: [
    { percent: 20, bakeSeconds: 10 },
    { percent: 100, bakeSeconds: 20 },
  ],
  verify: [],
  approveSwitch: false,
  analysis: {
    windowSeconds: 60,
    minimumRequests: 10,
    maxErrorRate: 0.05,
    comparison: { maxErrorRateIncrease: 0.02, maxP95Ratio: 2 },
  },
  standbySeconds: 100,
  sticky: false,
  deadlines: { preflight: 30, provision: 60, verify: 30, approval: 600, hold: 60, shift: 30, retire: 60 },
}

export function slot(release: ReleaseId, count: number, ready = count): SlotObservation {
  return { release, artifact: release, desired: count, ready, total: count }
}

/** Blue serves with three instances; nothing is in green. */
export function blueServes(): World {
  return {
    now: 1_000_000,
    weights: { blue: 100, green: 0 },
    slots: { blue: slot(BLUE_RELEASE, 3) },
    preflight: [],
    verification: { passed: true, problems: [] },
    measurements: healthyTraffic(),
    quick: true,
    priorIsOpen: false,
  }
}

export function emptyWorld(): World {
  const { weights: _none, ...world } = blueServes()
  return { ...world, slots: {}, measurements: {} }
}

export function healthyTraffic(): Measurements {
  const fine = { requests: 100, errors: 0, p50: 5, p95: 10, p99: 20 }
  return { blue: fine, green: fine }
}

export function greenRollout(changes: Partial<Rollout> = {}): Rollout {
  return {
    id: 'prod-2.web',
    promotion: 'prod-2',
    environment: 'prod',
    service: 'web',
    number: 2,
    kind: 'promotion',
    from: { color: 'blue', release: BLUE_RELEASE },
    to: { color: 'green', release: GREEN_RELEASE },
    artifact: GREEN_RELEASE,
    after: [],
    plan: PLAN,
    replicas: 2,
    autoscaled: false,
    createdAt: 1_000_000,
    state: { phase: 'preflight', since: 1_000_000 },
    history: [],
    dueAt: 1_000_000,
    version: 1,
    ...changes,
  }
}

export function firstRollout(changes: Partial<Rollout> = {}): Rollout {
  const { from: _nobody, ...rollout } = greenRollout(changes)
  return { ...rollout, to: { color: 'blue', release: GREEN_RELEASE } }
}

export function observe(world: World): Observation {
  return {
    at: world.now,
    slots: world.slots,
    ...(world.weights === undefined ? {} : { weights: world.weights }),
  }
}

export function evidenceOf(world: World, rollout: Rollout): Evidence {
  const wanted = evidenceWanted(rollout, world.now)
  return {
    observation: observe(world),
    priorIsOpen: world.priorIsOpen,
    ...(wanted.preflight && world.preflight !== undefined ? { preflight: world.preflight } : {}),
    ...(wanted.verification && world.verification !== undefined ? { verification: world.verification } : {}),
    ...(wanted.since !== undefined && world.measurements !== undefined
      ? { measurements: world.measurements }
      : {}),
  }
}

export function perform(world: World, act: Act): void {
  switch (act.kind) {
    case 'provision': {
      const present = world.slots[act.color]
      const kept = present?.release === act.release ? present.ready : 0
      const ready = world.quick ? act.count : Math.min(kept, act.count)
      world.slots[act.color] = {
        release: act.release,
        artifact: act.release,
        desired: act.count,
        ready,
        total: act.count,
      }
      return
    }
    case 'shift':
      world.weights = act.weights
      return
    case 'retire':
      delete world.slots[act.color]
      return
    default:
      act satisfies never
  }
}

/** What one turn of the engine did: the rollout after it and what it decided. */
export interface Turn {
  readonly rollout: Rollout
  readonly decision: Decision
}

export function turn(world: World, rollout: Rollout): Turn {
  const decision = decide(rollout, evidenceOf(world, rollout), world.now)
  if (decision.kind === 'wait') return { rollout, decision }
  if (decision.act !== undefined) perform(world, decision.act)
  return { rollout: decision.kind === 'move' ? decision.rollout : rollout, decision }
}

/** Turns until it waits in one of the phases, or `seconds` of simulated time have passed. */
export function runUntil(
  world: World,
  rollout: Rollout,
  phases: readonly Rollout['state']['phase'][],
  seconds = 3600,
): Rollout {
  const end = world.now + seconds * 1000
  let present = rollout
  while (world.now <= end) {
    if (phases.includes(present.state.phase)) return present
    const { rollout: next, decision } = turn(world, present)
    if (decision.kind === 'wait') world.now += 1000
    present = next
  }
  return present
}
