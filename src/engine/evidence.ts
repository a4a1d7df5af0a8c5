import type { Evidence } from '../model/decision.ts'
import { evidenceWanted } from '../model/evidence-wanted.ts'
import type { Instant } from '../model/instant.ts'
import { newColorReady } from '../model/moves.ts'
import type { Measurements, Observation } from '../model/observation.ts'
import { type Workload, workloadOf } from '../model/release.ts'
import type { Rollout } from '../model/rollout.ts'
import type { Slot } from '../targets/target.ts'
import { openPrior } from './latest.ts'
import type { EngineParts } from './parts.ts'

export const slotOf = ({ environment, service, to }: Rollout): Slot => ({
  environment,
  service,
  color: to.color,
})

/** Reads all that deciding this rollout's phase rests on. Fails when the target cannot be observed. */
export async function collectEvidence(
  parts: EngineParts,
  rollout: Rollout,
  now: Instant,
  signal: AbortSignal,
): Promise<Evidence> {
  const wanted = evidenceWanted(rollout, now)
  const observation = await observe(parts, rollout, signal)
  if (observation === undefined) return { observation: { at: now, slots: {} } }
  const preflight = wanted.preflight ? await preflightOf(parts, rollout, signal) : undefined
  const verification =
    wanted.verification && newColorReady(rollout, { observation })
      ? await verify(parts, rollout, signal)
      : undefined
  const measurements =
    wanted.since === undefined ? undefined : await measure(parts, rollout, wanted.since, now, signal)
  const priorIsOpen = wanted.prior && (await openPrior(parts.store, rollout)) !== undefined
  return {
    observation,
    priorIsOpen,
    ...(preflight === undefined ? {} : { preflight }),
    ...(verification === undefined ? {} : { verification }),
    ...(measurements === undefined ? {} : { measurements }),
  }
}

/** Before anything was touched an unreachable target is itself evidence; later there is nothing to decide without one. */
async function observe(
  parts: EngineParts,
  rollout: Rollout,
  signal: AbortSignal,
): Promise<Observation | undefined> {
  try {
    return await parts.targetOf(rollout.environment).observe(rollout, signal)
  } catch (error) {
    if (rollout.state.phase !== 'preflight' || signal.aborted) throw error
    return undefined
  }
}

async function preflightOf(
  parts: EngineParts,
  rollout: Rollout,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const workload = await loadWorkload(parts, rollout)
  try {
    return await parts.targetOf(rollout.environment).preflight(slotOf(rollout), workload, signal)
  } catch (error) {
    parts.log.warn({ rollout: rollout.id, error: messageOf(error) }, 'preflight had no answer')
    return undefined
  }
}

async function verify(parts: EngineParts, rollout: Rollout, signal: AbortSignal) {
  if (rollout.plan.verify.length === 0) return { passed: true, problems: [] }
  try {
    const endpoint = await parts.targetOf(rollout.environment).preview(slotOf(rollout), signal)
    return await parts.verifier.verify(rollout.plan.verify, endpoint, signal)
  } catch (error) {
    // No answer is evidence too: without it the deadline would never be looked at.
    parts.log.warn({ rollout: rollout.id, error: messageOf(error) }, 'verification had no answer')
    return undefined
  }
}

/** Measurements that cannot be had are absent, and absence is no health. */
async function measure(
  parts: EngineParts,
  { environment, service, id, plan, to }: Rollout,
  since: Instant,
  until: Instant,
  signal: AbortSignal,
): Promise<Measurements | undefined> {
  try {
    const { queries } = plan.analysis
    const query = { environment, service, since, until, ...(queries === undefined ? {} : { queries }) }
    const measurements = await parts.metricsOf(environment).measure(query, signal)
    const missing = measurements.missing?.[to.color]
    if (missing !== undefined) parts.log.warn({ rollout: id, error: missing }, 'no measurements')
    return measurements
  } catch (error) {
    parts.log.warn({ rollout: id, error: messageOf(error) }, 'no measurements')
    return undefined
  }
}

/** The workload of a release in the rollout's environment and service; `to` unless said otherwise. */
export async function loadWorkload(
  parts: EngineParts,
  rollout: Rollout,
  release = rollout.to.release,
): Promise<Workload> {
  const found = await parts.store.release(release)
  const workload = found === undefined ? undefined : workloadOf(found, rollout.environment, rollout.service)
  if (workload === undefined)
    throw new Error(`${rollout.id}: release ${release} has no ${rollout.service} here`)
  return workload
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
