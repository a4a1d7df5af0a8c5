import { activeFreezes } from '../../model/freezes.ts'
import type { Instant } from '../../model/instant.ts'
import type { Observation } from '../../model/observation.ts'
import type { EnvironmentPolicy } from '../../model/policy.ts'
import { type Occupant, type Rollout, servesNow } from '../../model/rollout.ts'
import type { EnvironmentStatus, ServiceStatus, Status } from '../control-plane.ts'
import { allRollouts, broughtBy, untilServing } from '../latest.ts'
import type { EngineParts } from '../parts.ts'

/** A picture is better late in parts than late as a whole. */
const OBSERVE_MILLISECONDS = 3000
const MEASURE_MILLISECONDS = 30_000

/** Everything people ask "where are we?" for; `addressOf` tells where users reach an environment. */
export async function status(
  parts: EngineParts,
  addressOf: (environment: string) => string | undefined,
): Promise<Status> {
  const { project, environments } = parts.policy.current()
  const at = parts.clock.now()
  const columns = await Promise.all(
    environments.map(one => environmentStatus(parts, one, addressOf(one.name), at)),
  )
  return { project, at, environments: columns }
}

async function environmentStatus(
  parts: EngineParts,
  environment: EnvironmentPolicy,
  address: string | undefined,
  now: Instant,
): Promise<EnvironmentStatus> {
  const { store } = parts
  const { name } = environment
  const [known, open, waiting, declared] = await Promise.all([
    store.services(name),
    allRollouts(store, { environment: name, open: true }),
    // A new one takes the place of those that wait: there are never many.
    store.promotions({ environment: name, phase: 'waiting' }, { limit: 20 }),
    store.freezes(),
  ])
  const openByService = Map.groupBy(open, rollout => rollout.service)
  const services = await Promise.all(
    known.map(async service => {
      const newest = await untilServing(store, { environment: name, service })
      return serviceStatus(parts, merged(newest, openByService.get(service) ?? []), now)
    }),
  )
  const frozen = activeFreezes(environment, declared, now)
    .map(({ reason }) => reason)
    .join('; ')
  return {
    name,
    ...(address === undefined ? {} : { address }),
    ...(frozen === '' ? {} : { frozen }),
    waiting: waiting.items,
    services: services.filter(service => service !== undefined),
  }
}

/** What stands by is open, but not always among the newest. */
function merged(newest: readonly Rollout[], open: readonly Rollout[]): readonly Rollout[] {
  const byNumber = new Map([...open, ...newest].map(rollout => [rollout.number, rollout]))
  return [...byNumber.values()].toSorted((a, b) => b.number - a.number)
}

async function serviceStatus(
  parts: EngineParts,
  newestFirst: readonly Rollout[],
  now: Instant,
): Promise<ServiceStatus | undefined> {
  const [newest] = newestFirst
  if (newest === undefined) return undefined
  const { service, environment } = newest
  const { queries } = newest.plan.analysis
  const serving = servesNow(newestFirst)
  const signal = AbortSignal.timeout(OBSERVE_MILLISECONDS)
  const seen = await parts
    .targetOf(environment)
    .observe(newest, signal)
    .catch(() => undefined)
  const measurements = await parts
    .metricsOf(environment)
    .measure(
      {
        environment,
        service,
        since: now - MEASURE_MILLISECONDS,
        until: now,
        ...(queries === undefined ? {} : { queries }),
      },
      signal,
    )
    .catch(() => undefined)
  return {
    service,
    ...occupants(newestFirst, serving, now),
    rollout: newest,
    ...observed(seen),
    ...healthOf(serving, seen),
    ...(measurements === undefined ? {} : { measurements }),
  }
}

function occupants(
  rollouts: readonly Rollout[],
  serving: Occupant | undefined,
  now: Instant,
): Pick<ServiceStatus, 'active' | 'standby'> {
  const since = broughtBy(rollouts, serving)
  const warm = rollouts.find(({ state }) => state.phase === 'standby')
  return {
    ...(serving === undefined
      ? {}
      : { active: { ...serving, since: switchedAt(since) ?? since?.createdAt ?? now } }),
    ...(warm?.from === undefined || warm.state.phase !== 'standby'
      ? {}
      : { standby: { ...warm.from, until: warm.state.since + warm.plan.standbySeconds * 1000 } }),
  }
}

function switchedAt(rollout: Rollout | undefined): Instant | undefined {
  return rollout?.history.find(({ phase }) => phase === 'bake')?.at
}

function observed(seen: Observation | undefined): Pick<ServiceStatus, 'weights' | 'instances'> {
  if (seen === undefined) return {}
  const { blue, green } = seen.slots
  const counts = (slot: typeof blue) => slot && { ready: slot.ready, desired: slot.desired }
  const instances = {
    ...(blue === undefined ? {} : { blue: counts(blue) }),
    ...(green === undefined ? {} : { green: counts(green) }),
  } as NonNullable<ServiceStatus['instances']>
  return seen.weights === undefined ? { instances } : { weights: seen.weights, instances }
}

/** Of the color that serves users. */
function healthOf(
  serving: Occupant | undefined,
  seen: Observation | undefined,
): Pick<ServiceStatus, 'health' | 'problem'> {
  if (seen === undefined) return { health: 'unknown', problem: 'the target did not answer' }
  if (serving === undefined) return { health: 'empty' }
  const slot = seen.slots[serving.color]
  if (slot === undefined || slot.ready === 0) {
    return { health: 'failing', problem: slot?.problem ?? `no instance of ${serving.color} is ready` }
  }
  const problem = slot.problem === undefined ? {} : { problem: slot.problem }
  return { health: slot.ready < slot.desired ? 'degraded' : 'healthy', ...problem }
}
