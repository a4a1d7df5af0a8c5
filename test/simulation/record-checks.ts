import type { Change } from '../../src/engine/ports.ts'
import type { AuditEntry } from '../../src/model/audit-event.ts'
import { sameWeights } from '../../src/model/color.ts'
import type { Policy } from '../../src/model/policy.ts'
import type { Promotion } from '../../src/model/promotion.ts'
import { isRolling, type Rollout } from '../../src/model/rollout.ts'
import { goalOf, stepsOf } from '../../src/model/traffic.ts'
import { gateProblem } from './gate-oracle.ts'
import type { Kept } from './memory-store.ts'
import type { Sightings } from './sightings.ts'
import type { Violate } from './violation.ts'
import type { World } from './world.ts'

interface Around {
  readonly world: World
  readonly kept: Kept
  readonly policy: Policy
  readonly sightings: Sightings
  readonly violate: Violate
}

/** Checks what is about to be kept against what is kept. */
export function checkRecord(
  around: Around,
  changes: readonly Change[],
  entries: readonly AuditEntry[],
): void {
  for (const change of changes) {
    if (change.kind === 'promotion') checkPromotion(around, change.value, entries)
    if (change.kind === 'rollout') checkRollout(around, change.value, entries)
  }
}

function checkPromotion(around: Around, promotion: Promotion, entries: readonly AuditEntry[]): void {
  const { kept, violate } = around
  const { id, state } = promotion
  const before = kept.promotions.get(id)
  if (before?.state.phase === state.phase) return
  if (before?.state.phase === 'done')
    violate('what is finished stays finished', `${id} was done and is ${state.phase}`)
  if (!entries.some(entry => entry.promotion === id))
    violate('every change of state has its audit event', `${id} became ${state.phase} silently`)
  if (state.phase !== 'running') return
  const problem = gateProblem(around, promotion)
  if (problem !== undefined) violate('no way past a closed gate', `${id} started: ${problem}`)
}

function checkRollout(around: Around, rollout: Rollout, entries: readonly AuditEntry[]): void {
  const { kept, violate } = around
  const { id, state, promotion } = rollout
  const before = kept.rollouts.get(id)
  const isNew = before === undefined
  const isSame = before?.state.phase === state.phase && stepOf(before) === stepOf(rollout)
  if (isSame) return
  const told = entries.some(entry => entry.rollout === id || (isNew && entry.promotion === promotion))
  if (!told) violate('every change of state has its audit event', `${id} became ${state.phase} silently`)
  if (isNew) return
  if (before.state.phase === 'done')
    violate('what is finished stays finished', `${id} was done and is ${state.phase}`)
  checkOrder(around, rollout)
  checkCapacity(around, rollout, before)
  checkSeen(around, rollout, before)
  checkWords(around, rollout, before)
  checkStandby(around, rollout, before)
}

const stepOf = ({ state }: Rollout): string =>
  state.phase === 'shift' ? `${state.step} ${state.confirmedAt !== undefined}` : ''

function checkOrder({ kept, violate }: Around, { id, promotion, state, after, kind }: Rollout): void {
  if (state.phase !== 'preflight' || kind === 'rollback') return
  for (const service of after) {
    const other = kept.rollouts.get(`${promotion}.${service}`)?.state
    const hasSwitched =
      other?.phase === 'standby' ||
      other?.phase === 'retire' ||
      (other?.phase === 'done' && other.outcome === 'succeeded')
    if (!hasSwitched)
      violate('services switch in their order', `${id} begins while ${service} is in ${other?.phase}`)
  }
}

function checkCapacity({ violate, sightings }: Around, rollout: Rollout, before: Rollout): void {
  const comesUp = before.state.phase === 'preflight' && rollout.state.phase === 'provision'
  const opens =
    (before.state.phase === 'verify' || before.state.phase === 'approval') && rollout.state.phase === 'shift'
  const { from, replicas, capacity = 0 } = rollout
  if (!comesUp && !(opens && from?.color !== rollout.to.color)) return
  const present = from === undefined ? 0 : (sightings.of(rollout).slots[from.color]?.desired ?? 0)
  if (capacity < Math.max(present, replicas))
    violate(
      'the new color has the capacity of the old one',
      `${rollout.id} brings up ${capacity} beside ${present}`,
    )
}

/** A step is confirmed by what the target showed, not by what it was asked for. */
function checkSeen({ violate, sightings }: Around, rollout: Rollout, before: Rollout): void {
  const was = before.state
  if (was.phase !== 'shift' || was.confirmedAt !== undefined || isRolling(rollout)) return
  const { phase } = rollout.state
  if (phase !== 'bake' && !(phase === 'shift' && rollout.state.confirmedAt !== undefined)) return
  const { weights } = sightings.of(rollout)
  const goal = goalOf(before, phase === 'bake' ? stepsOf(before).length - 1 : was.step)
  if (weights === undefined || !sameWeights(weights, goal))
    violate(
      'a step counts once it was seen',
      `${rollout.id}: ${JSON.stringify(goal)}, seen ${JSON.stringify(weights)}`,
    )
}

const BACK: readonly string[] = ['rollback', 'withdraw', 'done']

function checkWords(
  { violate }: Around,
  rollout: Rollout,
  { request, pausedBy, state: was, id }: Rollout,
): void {
  const { phase } = rollout.state
  const isCalledBack = request?.kind === 'abort' || request?.kind === 'rollback'
  const isOver = was.phase === 'retire' || was.phase === 'withdraw' || was.phase === 'rollback'
  if (isCalledBack && !isOver && !BACK.includes(phase))
    violate('a rollback moves traffic first', `${id} went on to ${phase} although it was called back`)
  if (pausedBy === undefined || rollout.pausedBy === undefined) return
  const isForward =
    (was.phase === 'preflight' && phase === 'provision') ||
    (was.phase === 'approval' && phase === 'shift') ||
    (was.phase === 'bake' && phase === 'standby') ||
    (was.phase === 'standby' && phase === 'retire' && request?.kind !== 'end-standby')
  if (isForward) violate('what is paused goes no step forward', `${id} went from ${was.phase} to ${phase}`)
}

function checkStandby({ violate }: Around, rollout: Rollout, before: Rollout): void {
  if (rollout.state.phase !== 'retire' || before.state.phase !== 'standby') return
  const stood = (rollout.state.since - before.state.since) / 1000
  if (stood >= rollout.plan.standbySeconds || before.request?.kind === 'end-standby') return
  violate(
    'the previous release keeps its capacity until the standby time is over',
    `${rollout.id} stood by for ${stood} s of ${rollout.plan.standbySeconds} s`,
  )
}
