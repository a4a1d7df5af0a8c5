import { COLORS, type Color, type Weights } from '../../src/model/color.ts'
import type { Fence } from '../../src/model/fence.ts'
import type { Workload } from '../../src/model/release.ts'
import { isRolling, type Rollout, type RolloutState } from '../../src/model/rollout.ts'
import { goalOf } from '../../src/model/traffic.ts'
import type { ServiceRef, Slot } from '../../src/targets/target.ts'
import type { Fleet, SlotTruth } from './fleet.ts'
import type { Kept } from './memory-store.ts'
import type { Known, Sighting, Sightings } from './sightings.ts'
import type { Violate } from './violation.ts'
import type { World } from './world.ts'

interface Around {
  readonly world: World
  readonly kept: Kept
  readonly fleet: Fleet
  readonly sightings: Sightings
  readonly violate: Violate
}

export interface Asked {
  readonly kind: 'provision' | 'shift' | 'retire'
  readonly what: string
  readonly color?: Color
  readonly weights?: Weights
}

/** An act goes through these: when an engine decides on it, and when it takes effect, perhaps late or a second time. */
export interface ActChecks {
  /** May it? Returns what was known when it was decided. */
  asked(ref: ServiceRef, fence: Fence, act: Asked): Known
  provisioning(slot: Slot, workload: Workload, count: number, fence: Fence): void
  shifting(ref: ServiceRef, weights: Weights, fence: Fence, known: Known): void
  retiring(slot: Slot, fence: Fence): void
}

/** The phases whose record has to be there before an act of the kind is begun. */
const PHASES: Readonly<Record<Asked['kind'], readonly RolloutState['phase'][]>> = {
  provision: ['provision', 'rollback', 'retire'],
  shift: ['shift', 'bake', 'standby', 'rollback', 'withdraw'],
  retire: ['provision', 'withdraw', 'retire'],
}

export function createActChecks({ world, kept, fleet, sightings, violate }: Around): ActChecks {
  const rolloutsOf = (ref: ServiceRef) =>
    kept.rollouts
      .values()
      .filter(({ environment, service }) => environment === ref.environment && service === ref.service)
  const rolloutOf = (ref: ServiceRef, [, number]: Fence): Rollout | undefined =>
    rolloutsOf(ref).find(one => one.number === number)

  /** Whoever could still need what the slot holds must have no need of it any more. */
  const guard = (slot: Slot, held: SlotTruth, what: string, fence: Fence): void => {
    const by = rolloutOf(slot, fence)
    for (const rollout of rolloutsOf(slot)) {
      const { from, state } = rollout
      if (from?.color !== slot.color || from.release !== held.release) continue
      const isOwnRolling = isRolling(rollout) && by?.id === rollout.id
      // Before it moved anybody it needs the old color only while that has users.
      const isEarly = EARLY.includes(state.phase) && (fleet.truth(slot).weights?.[slot.color] ?? 0) === 0
      if (isOwnRolling || isEarly || NO_NEED.includes(state.phase)) continue
      violate(
        'the previous release keeps its capacity until the standby time is over',
        `${what} while ${rollout.id} is in ${state.phase}`,
      )
    }
  }
  const present = (slot: Slot): SlotTruth | undefined => {
    const held = fleet.truth(slot).slots[slot.color]
    return held?.goneAt !== undefined && held.goneAt <= world.now() ? undefined : held
  }
  return {
    asked(ref, fence, act) {
      const by = rolloutOf(ref, fence)
      if (by === undefined) violate('one rollout a service acts at a time', `${act.what} by nobody known`)
      else checkActor(by, act)
      return sightings.of(ref)
    },
    provisioning(slot, workload, count, fence) {
      const what = `provision of ${slot.environment}/${slot.service} ${slot.color} × ${count}`
      const released = kept.releases.get(workload.release)?.artifacts[slot.service]?.digest
      if (workload.artifact.digest !== released)
        violate('what runs is what was released', `${what} with ${workload.artifact.digest}, not ${released}`)
      const held = present(slot)
      const by = rolloutOf(slot, fence)
      // What only a switch needed may go with it, down to what the release asks for.
      const isTrim = by?.state.phase === 'retire' && by.to.color === slot.color && count >= by.replicas
      if (held === undefined || isTrim) return
      if (held.release !== workload.release || held.desired > count) guard(slot, held, what, fence)
    },
    shifting(ref, weights, fence, known) {
      const what = `shift of ${ref.environment}/${ref.service} to blue ${weights.blue} green ${weights.green}`
      const by = rolloutOf(ref, fence)
      if (weights.blue + weights.green !== 100) violate('weights sum to 100', what)
      for (const color of COLORS) {
        if (weights[color] <= (fleet.truth(ref).weights?.[color] ?? 0)) continue
        const slot = fleet.truth(ref).slots[color]
        const problem = unhealthy(slot, known.slots[color], by, color)
        if (problem !== undefined) violate('users only where seen healthy', `${what}: ${color} ${problem}`)
        const released = slot && kept.releases.get(slot.release)?.artifacts[ref.service]?.digest
        if (slot !== undefined && slot.artifact !== released)
          violate('what runs is what was released', `${what}: ${color} runs ${slot.artifact}`)
      }
    },
    retiring(slot, fence) {
      const what = `retirement of ${slot.environment}/${slot.service} ${slot.color}`
      const held = present(slot)
      if (held !== undefined) guard(slot, held, what, fence)
    },
  }

  function checkActor(by: Rollout, { kind, what, color, weights }: Asked): void {
    const { id, state, from, to } = by
    const { phase } = state
    if (phase === 'done') violate('what is finished stays finished', `${what} by ${id}, which is done`)
    else if (!PHASES[kind].includes(phase) && phase !== 'rollback')
      violate('a decision is recorded before it is acted on', `${what} by ${id} in ${phase}`)
    if (phase === 'rollback' && (kind === 'retire' || (kind === 'provision' && color !== from?.color)))
      violate('a rollback moves traffic first', `${what} by ${id} in its rollback`)
    if (
      state.phase === 'shift' &&
      weights !== undefined &&
      weights[to.color] > goalOf(by, state.step)[to.color]
    )
      violate('a decision is recorded before it is acted on', `${what} by ${id} in step ${state.step + 1}`)
    for (const other of rolloutsOf(by))
      if (other.state.phase !== 'done' && other.number < by.number)
        violate('one rollout a service acts at a time', `${what} by ${id} while ${other.id} is open`)
  }
}

/** Phases in which a rollout has not moved users yet. */
const EARLY: readonly RolloutState['phase'][] = ['provision', 'verify', 'approval']

/** Phases in which a rollout does not need what served before it. */
const NO_NEED: readonly RolloutState['phase'][] = ['done', 'retire', 'withdraw', 'pending', 'preflight']

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
  const isForward = by !== undefined && by.to.color === color && !isRolling(by) && by.state.phase === 'shift'
  if (isForward && seen.ready < Math.max(seen.desired, by.capacity ?? 1))
    return `was seen with ${seen.ready} of ${seen.desired} ready`
  return undefined
}
