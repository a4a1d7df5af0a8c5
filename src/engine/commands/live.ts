import type { Actor } from '../../model/actor.ts'
import { type Weights, weightsFor } from '../../model/color.ts'
import { workloadOf } from '../../model/release.ts'
import { isRolling, type Rollout, servesNow } from '../../model/rollout.ts'
import type { Expected, Live, LiveDifference } from '../../targets/target.ts'
import type { Answer, LivePlace, ServiceDifferences } from '../control-plane.ts'
import { messageOf } from '../evidence.ts'
import { untilServing } from '../latest.ts'
import type { EngineParts } from '../parts.ts'

const COMPARE_MILLISECONDS = 30_000

/** What in the environment is not as it was released. */
export async function differences(
  parts: EngineParts,
  place: LivePlace,
): Promise<Answer<readonly ServiceDifferences[]>> {
  return await eachService(parts, place, (live, { ref, expected, signal }) =>
    live.differences(ref, expected, signal),
  )
}

/** Makes it as released again; what was different stands in the audit log, with whose it was. */
export async function repair(
  parts: EngineParts,
  place: LivePlace,
  by: Actor,
): Promise<Answer<readonly ServiceDifferences[]>> {
  const answer = await eachService(parts, place, (live, { ref, expected, signal }) =>
    live.repair(ref, expected, signal),
  )
  if (!answer.ok) return answer
  const repaired = answer.value.filter(each => each.differences.length > 0)
  if (repaired.length === 0) return answer
  await parts.store.record(
    [],
    repaired.map(({ service, differences: found }) => ({
      at: parts.clock.now(),
      actor: by.name,
      kind: 'environment.repaired' as const,
      environment: place.environment,
      service,
      message: `${by.name} made ${service} in ${place.environment} as released again: ${found.map(named).join(', ')}`,
      data: { differences: found },
    })),
  )
  return answer
}

const named = ({ object, field }: LiveDifference): string => (field === '' ? object : `${object} ${field}`)

interface Comparison {
  readonly ref: { readonly environment: string; readonly service: string }
  readonly expected: Expected
  readonly signal: AbortSignal
}

async function eachService(
  parts: EngineParts,
  { environment, service }: LivePlace,
  compare: (live: Live, comparison: Comparison) => Promise<readonly LiveDifference[]>,
): Promise<Answer<readonly ServiceDifferences[]>> {
  const known = parts.policy.current().environments.some(({ name }) => name === environment)
  const services = known ? await parts.store.services(environment) : []
  if (!known || (service !== undefined && !services.includes(service))) {
    const what = known
      ? `nothing of ${service} was ever released to ${environment}`
      : `there is no ${environment}`
    return {
      ok: false,
      refusal: { kind: 'not-found', what, remedy: 'see `sluice status` for what there is' },
    }
  }
  const { live } = parts.targetOf(environment)
  if (live === undefined) {
    const what = `${environment} runs on a target where nobody but Sluice changes anything`
    return { ok: false, refusal: { kind: 'invalid', what, remedy: 'there is nothing to compare' } }
  }
  const wanted = service === undefined ? services : [service]
  const value = await Promise.all(
    wanted.map(async name => {
      const ref = { environment, service: name }
      const signal = AbortSignal.timeout(COMPARE_MILLISECONDS)
      try {
        const expected = await expectedOf(parts, ref)
        return { service: name, differences: await compare(live, { ref, expected, signal }) }
      } catch (error) {
        return { service: name, differences: [], problem: messageOf(error) }
      }
    }),
  )
  return { ok: true, value }
}

async function expectedOf({ store }: EngineParts, ref: Comparison['ref']): Promise<Expected> {
  const weights = settledWeights(await untilServing(store, ref))
  return {
    async workloadOf(id) {
      const release = await store.release(id)
      return release && workloadOf(release, ref.environment, ref.service)
    },
    ...(weights === undefined ? {} : { weights }),
  }
}

/** Where users should be; undefined while a rollout moves them, and where instances are replaced in place. */
function settledWeights(newestFirst: readonly Rollout[]): Weights | undefined {
  const [newest] = newestFirst
  const isMoving = newest !== undefined && !['done', 'standby', 'pending'].includes(newest.state.phase)
  const serving = newest?.state.phase === 'standby' ? newest.to : servesNow(newestFirst)
  if (newest === undefined || isMoving || isRolling(newest) || serving === undefined) return undefined
  return weightsFor(serving.color, 100)
}
