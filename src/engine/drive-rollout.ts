import { isDeepStrictEqual } from 'node:util'
import { decide } from '../model/decide.ts'
import type { Act, Decision } from '../model/decision.ts'
import type { Rollout } from '../model/rollout.ts'
import { Overtaken, type Turn } from '../targets/target.ts'
import { rolloutEntry } from './entries.ts'
import { collectEvidence, loadWorkload, messageOf } from './evidence.ts'
import { type Held, mayAct, nextFence } from './held.ts'
import type { EngineParts } from './parts.ts'
import { pause, within } from './timers.ts'
import type { Wakes } from './wakes.ts'

/** One look at a target, or act through it, may take this long; then the engine looks again. */
const CALL_MILLISECONDS = 30_000
/** Between two tries of the same act, and after a target that did not answer. */
const RETRY_MILLISECONDS = 250
/** After an act that was refused because somebody else has acted. */
const OVERTAKEN_MILLISECONDS = 1000

interface Drive {
  readonly parts: EngineParts
  readonly wakes: Wakes
  readonly lease: Held
  readonly signal: AbortSignal
}

/** Observe, decide, record, act, until the rollout is done, the lease is lost or the engine stops. */
export async function driveRollout(drive: Drive, id: string): Promise<'over' | 'lost'> {
  const { parts, wakes, signal } = drive
  let lastAct: Act | undefined
  while (!signal.aborted) {
    const ticket = wakes.ticket(id)
    const rollout = await parts.store.rollout(id)
    if (rollout === undefined || rollout.state.phase === 'done') return 'over'
    const limit = { milliseconds: callMilliseconds(rollout), signal }
    const step = await within(parts.after, limit, inTime => stepRollout(drive, rollout, lastAct, inTime))
    if (step === 'lost') return 'lost'
    lastAct = step.act
    await wakes.sleep(id, ticket, step.sleepMilliseconds, signal)
  }
  return 'over'
}

interface Step {
  readonly sleepMilliseconds: number
  readonly act?: Act
}

async function stepRollout(
  drive: Drive,
  rollout: Rollout,
  lastAct: Act | undefined,
  signal: AbortSignal,
): Promise<Step | 'lost'> {
  const { parts } = drive
  const now = parts.clock.now()
  let decision: Decision
  try {
    // A rollout that has not begun, or that was asked to stop before it did, needs nothing of its target.
    const idle = rollout.state.phase === 'pending'
    const evidence = idle
      ? { observation: { at: now, slots: {} } }
      : await collectEvidence(parts, rollout, now, signal)
    decision = decide(rollout, evidence, parts.clock.now())
  } catch (error) {
    if (!drive.signal.aborted)
      parts.log.warn({ rollout: rollout.id, error: messageOf(error) }, 'no evidence to decide on')
    return { sleepMilliseconds: RETRY_MILLISECONDS }
  }
  if (decision.kind === 'wait') return { sleepMilliseconds: sleepUntil(parts, decision.until) }
  if (decision.kind === 'move') return recordMove(drive, rollout, decision, signal)
  const repeated = isDeepStrictEqual(lastAct, decision.act)
  // The same act again at once would only hammer a target that has not caught up yet.
  if (repeated) await pause(parts.after, RETRY_MILLISECONDS, drive.signal)
  return perform(drive, rollout, decision.act, signal)
}

/** A verification is a test suite at times: it may take all the time that its phase has. */
export function callMilliseconds({ state, plan }: Rollout): number {
  const verifying = state.phase === 'verify' ? plan.deadlines.verify * 1000 : 0
  return Math.max(CALL_MILLISECONDS, verifying)
}

function sleepUntil(parts: EngineParts, until: number | null): number {
  return until === null ? Number.POSITIVE_INFINITY : until - parts.clock.now()
}

async function recordMove(
  drive: Drive,
  before: Rollout,
  decision: Extract<Decision, { kind: 'move' }>,
  signal: AbortSignal,
): Promise<Step | 'lost'> {
  const { parts, lease } = drive
  const { rollout, reason } = decision
  const finished = rollout.state.phase === 'done'
  const entry = rolloutEntry(rollout, {
    kind: finished ? 'rollout.finished' : 'rollout.moved',
    actor: before.request?.by ?? 'sluice',
    message: `${rollout.state.phase}: ${reason}`,
    at: parts.clock.now(),
    data: { state: rollout.state },
  })
  const recorded = await parts.store.record([{ kind: 'rollout', value: rollout }], [entry], lease)
  if (recorded === 'conflict') {
    const present = await parts.store.rollout(rollout.id)
    return present?.version === before.version ? 'lost' : { sleepMilliseconds: 0 }
  }
  if (decision.act === undefined) return { sleepMilliseconds: 0 }
  return perform(drive, rollout, decision.act, signal)
}

/** An act that fails is not an error of the engine: what came of it is observed, and it is repeated if need be. */
async function perform(
  drive: Drive,
  rollout: Rollout,
  act: Act,
  signal: AbortSignal,
): Promise<Step | 'lost'> {
  const { parts, lease } = drive
  try {
    if (!(await mayAct(parts, lease))) return 'lost'
    await actOnTarget(parts, rollout, act, { fence: nextFence(lease, rollout), signal })
  } catch (error) {
    if (error instanceof Overtaken) return overtaken(drive, rollout, error)
    if (!drive.signal.aborted) {
      const facts = { rollout: rollout.id, act: act.kind, error: messageOf(error) }
      parts.log.warn(facts, 'the target did not take the act')
      await pause(parts.after, RETRY_MILLISECONDS, drive.signal)
    }
  }
  return { sleepMilliseconds: 0, act }
}

/**
 * Usually another process has taken over. It is told, and takes a moment: where the target obeys another store, whose
 * epoch is later (this one is older than what served there last), nobody would ever get through.
 */
async function overtaken({ parts, signal }: Drive, { id }: Rollout, error: Overtaken): Promise<'lost'> {
  parts.log.warn({ rollout: id, error: error.message }, 'somebody else has acted on the service since')
  await pause(parts.after, OVERTAKEN_MILLISECONDS, signal)
  return 'lost'
}

async function actOnTarget(parts: EngineParts, rollout: Rollout, act: Act, turn: Turn): Promise<void> {
  const target = parts.targetOf(rollout.environment)
  const service = serviceOf(rollout)
  switch (act.kind) {
    case 'provision': {
      const workload = await loadWorkload(parts, rollout, act.release)
      return await target.provision({ ...service, color: act.color }, workload, act.count, turn)
    }
    case 'shift':
      return await target.shift(service, act.weights, turn)
    case 'retire':
      return await target.retire({ ...service, color: act.color }, turn)
    default:
      return act satisfies never
  }
}

const serviceOf = ({ environment, service }: Rollout) => ({ environment, service })
