import type { Change } from '../../src/engine/ports.ts'
import type { AuditEntry } from '../../src/model/audit-event.ts'
import { COLORS, type Color, type Weights } from '../../src/model/color.ts'
import type { Fence } from '../../src/model/fence.ts'
import type { Observation, SlotObservation } from '../../src/model/observation.ts'
import type { Policy } from '../../src/model/policy.ts'
import type { Workload } from '../../src/model/release.ts'
import type { Rollout } from '../../src/model/rollout.ts'
import type { ServiceRef, Slot } from '../../src/targets/target.ts'
import type { Fleet, SlotTruth } from './fleet.ts'
import { gateProblem } from './gate-oracle.ts'
import type { Kept } from './memory-store.ts'
import type { World } from './world.ts'

/** A promise of design.md that did not hold. */
export interface Violation {
  readonly invariant: Invariant
  readonly what: string
}

export type Invariant =
  | 'users only where seen healthy'
  | 'weights sum to 100'
  | 'users always have somebody to answer'
  | 'the previous release keeps its capacity until the standby time is over'
  | 'a rollback moves traffic first'
  | 'what runs is what was released'
  | 'no way past a closed gate'
  | 'one rollout a service acts at a time'
  | 'what is finished stays finished'
  | 'every change of state has its audit event'
  | 'every rollout ends'
  | 'what is told is what is'

/** Looks at everything that is recorded and done, knowing what really runs. */
export interface Checker {
  readonly violation: Violation | undefined
  violate(invariant: Invariant, what: string): void
  recorded(changes: readonly Change[], entries: readonly AuditEntry[]): void
  observed(ref: ServiceRef, observation: Observation): void
  /** An engine decided to act: may it? */
  asked(ref: ServiceRef, fence: Fence, act: Asked): Known
  /** An act, perhaps a late or a second one, takes effect now: is anybody hurt? */
  provisioning(slot: Slot, workload: Workload, count: number, fence: Fence): void
  shifting(ref: ServiceRef, weights: Weights, fence: Fence, known: Known): void
  retiring(slot: Slot, fence: Fence): void
  /** What must hold at any moment. */
  always(): void
}

export interface Asked {
  readonly kind: 'provision' | 'shift' | 'retire'
  readonly color?: Color
  readonly what: string
}

/** What engines had seen of each color when they decided. */
export type Known = { readonly [color in Color]: Sighting | undefined }

type Sighting = SlotObservation & { readonly at: number }

interface Around {
  readonly world: World
  readonly kept: Kept
  readonly fleet: Fleet
  readonly policy: Policy
}

export function createChecker(around: Around): Checker {
  const { kept, fleet, world } = around
  const sightings = new Map<string, Sighting>()
  let violation: Violation | undefined
  const violate = (invariant: Invariant, what: string): void => {
    violation ??= { invariant, what }
  }
  const rolloutOf = (ref: ServiceRef, [, number]: Fence): Rollout | undefined =>
    kept.rollouts
      .values()
      .find(
        one => one.environment === ref.environment && one.service === ref.service && one.number === number,
      )
  const guarded = (slot: Slot, held: SlotTruth, what: string, by: Rollout | undefined): void => {
    for (const rollout of kept.rollouts.values()) {
      if (rollout.environment !== slot.environment || rollout.service !== slot.service) continue
      const { from, state } = rollout
      if (from?.color !== slot.color || from.release !== held.release) continue
      const isOver = state.phase === 'done' || state.phase === 'retire' || state.phase === 'withdraw'
      const isOwnRolling = rollout.to.color === slot.color && by?.id === rollout.id
      if (isOver || isOwnRolling || state.phase === 'pending' || state.phase === 'preflight') continue
      violate(
        'the previous release keeps its capacity until the standby time is over',
        `${what} while ${rollout.id} is in ${state.phase}`,
      )
    }
  }
  return {
    get violation() {
      return violation
    },
    violate,
    recorded(changes, entries) {
      for (const change of changes) {
        if (change.kind !== 'promotion' && change.kind !== 'rollout') continue
        const { kind, value } = change
        const before = kind === 'promotion' ? kept.promotions.get(value.id) : kept.rollouts.get(value.id)
        if (before?.state.phase === 'done' && value.state.phase !== before.state.phase)
          violate('what is finished stays finished', `${value.id} was done and is ${value.state.phase}`)
        const told = entries.some(entry =>
          kind === 'promotion'
            ? entry.promotion === value.id
            : entry.rollout === value.id || entry.promotion === value.promotion,
        )
        if (before?.state.phase !== value.state.phase && !told)
          violate(
            'every change of state has its audit event',
            `${value.id} became ${value.state.phase} silently`,
          )
        if (kind === 'rollout') checkRetirement(change.value, before as Rollout | undefined)
        if (kind === 'promotion' && value.state.phase === 'running' && before?.state.phase !== 'running') {
          const problem = gateProblem(around, change.value)
          if (problem !== undefined) violate('no way past a closed gate', `${value.id} started: ${problem}`)
        }
      }
    },
    observed(ref, { slots }) {
      for (const color of COLORS) {
        const slot = slots[color]
        if (slot !== undefined) sightings.set(keyOf(ref, color), { ...slot, at: world.now() })
      }
    },
    asked(ref, fence, { kind, color, what }) {
      const by = rolloutOf(ref, fence)
      const known = { blue: sightings.get(keyOf(ref, 'blue')), green: sightings.get(keyOf(ref, 'green')) }
      if (by === undefined) {
        violate('one rollout a service acts at a time', `${what} by nobody known`)
        return known
      }
      const { id, state, from } = by
      if (state.phase === 'done')
        violate('what is finished stays finished', `${what} by ${id}, which is done`)
      if (
        state.phase === 'rollback' &&
        (kind === 'retire' || (kind === 'provision' && color !== from?.color))
      )
        violate('a rollback moves traffic first', `${what} by ${id} in its rollback`)
      for (const other of kept.rollouts.values()) {
        if (other.environment !== ref.environment || other.service !== ref.service) continue
        if (other.state.phase !== 'done' && other.number < by.number)
          violate('one rollout a service acts at a time', `${what} by ${id} while ${other.id} is open`)
      }
      return known
    },
    provisioning(slot, workload, count, fence) {
      const what = `provision of ${slot.environment}/${slot.service} ${slot.color} × ${count}`
      const released = kept.releases.get(workload.release)?.artifacts[slot.service]?.digest
      if (workload.artifact.digest !== released)
        violate('what runs is what was released', `${what} with ${workload.artifact.digest}, not ${released}`)
      const held = fleet.truth(slot).slots[slot.color]
      if (held === undefined || isGone(held, world)) return
      if (held.release !== workload.release || held.desired > count)
        guarded(slot, held, what, rolloutOf(slot, fence))
    },
    shifting(ref, weights, fence, known) {
      const what = `shift of ${ref.environment}/${ref.service} to blue ${weights.blue} green ${weights.green}`
      const by = rolloutOf(ref, fence)
      if (weights.blue + weights.green !== 100) violate('weights sum to 100', what)
      const before = fleet.truth(ref).weights
      for (const color of COLORS) {
        if (weights[color] <= (before?.[color] ?? 0)) continue
        const slot = fleet.truth(ref).slots[color]
        const problem = unhealthy(slot, known[color], by, color)
        if (problem !== undefined) violate('users only where seen healthy', `${what}: ${color} ${problem}`)
        const released = slot && kept.releases.get(slot.release)?.artifacts[ref.service]?.digest
        if (slot !== undefined && slot.artifact !== released)
          violate('what runs is what was released', `${what}: ${color} runs ${slot.artifact}`)
      }
    },
    retiring(slot, fence) {
      const what = `retirement of ${slot.environment}/${slot.service} ${slot.color}`
      const held = fleet.truth(slot).slots[slot.color]
      if (held !== undefined && !isGone(held, world)) guarded(slot, held, what, rolloutOf(slot, fence))
    },
    always() {
      for (const service of fleet.all()) {
        const { weights } = service
        if (weights === undefined) continue
        if (weights.blue + weights.green !== 100) violate('weights sum to 100', JSON.stringify(weights))
        for (const color of COLORS) {
          if (weights[color] === 0 || fleet.answering(service, color) > 0) continue
          const slot = service.slots[color]
          if (slot?.mayDie !== true)
            violate(
              'users always have somebody to answer',
              `${service.environment}/${service.service}: ${weights[color]} % on ${color}, where nobody is ready`,
            )
        }
      }
    },
  }

  function checkRetirement(rollout: Rollout, before: Rollout | undefined): void {
    if (rollout.state.phase !== 'retire' || before?.state.phase !== 'standby') return
    const stood = (rollout.state.since - before.state.since) / 1000
    if (stood >= rollout.plan.standbySeconds || before.request?.kind === 'end-standby') return
    violate(
      'the previous release keeps its capacity until the standby time is over',
      `${rollout.id} stood by for ${stood} s of ${rollout.plan.standbySeconds} s`,
    )
  }
}

const keyOf = ({ environment, service }: ServiceRef, color: Color): string =>
  `${environment}/${service} ${color}`

const isGone = ({ goneAt }: SlotTruth, world: World): boolean => goneAt !== undefined && goneAt <= world.now()

/** Why users may not be sent there, from what engines had been told about it since it was brought up. */
function unhealthy(
  slot: SlotTruth | undefined,
  seen: Sighting | undefined,
  by: Rollout | undefined,
  color: Color,
): string | undefined {
  if (slot === undefined || slot.goneAt !== undefined) return 'holds nothing'
  if (seen === undefined || seen.release !== slot.release || seen.at < slot.since)
    return 'was never looked at'
  if (seen.ready === 0) return 'was seen with nobody ready'
  const isForward = by !== undefined && by.to.color === color && by.to.color !== by.from?.color
  if (isForward && seen.ready < Math.max(seen.desired, by.capacity ?? 1))
    return `was seen with ${seen.ready} of ${seen.desired} ready`
  return undefined
}
