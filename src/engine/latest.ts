import type { Standing } from '../model/plan-rollouts.ts'
import { type Occupant, type Rollout, servesNow } from '../model/rollout.ts'
import { everyItem, everyPage } from './pages.ts'
import type { RolloutFilter, Store } from './ports.ts'

/** Rollouts that ended before they reached users are passed over; in nearly every service one of the newest few did not. */
const NEAR = 3

/** More are never open at a time: at most one acts, and each promotion ends what stands by before it. */
const OPEN = 20

/** What the rollouts of each service in an environment have come to. */
export async function standingsOf(
  store: Store,
  environment: string,
  services: readonly string[],
): Promise<ReadonlyMap<string, Standing>> {
  const found = services.map(
    async service => [service, await standingOf(store, { environment, service })] as const,
  )
  return new Map(await Promise.all(found))
}

/** Who has the users of each service in an environment. */
export async function servingNow(
  store: Store,
  environment: string,
  services: readonly string[],
): Promise<ReadonlyMap<string, Occupant>> {
  const standings = await standingsOf(store, environment, services)
  return new Map(
    [...standings].flatMap(([service, { serving }]) => (serving === undefined ? [] : [[service, serving]])),
  )
}

/** The number is of the same moment as the rest, or earlier: whoever plans by an old one meets a conflict. */
async function standingOf(store: Store, filter: RolloutFilter): Promise<Standing> {
  let newest: number | undefined
  for await (const rollouts of everyPage(page => store.rollouts(filter, page), NEAR)) {
    newest ??= rollouts[0]?.number
    const serving = servesNow(rollouts)
    if (serving !== undefined) return { newest: newest ?? 0, serving }
  }
  return { newest: newest ?? 0 }
}

/** Every rollout that the filter lets through: a promotion has one for each of its services, however many. */
export async function allRollouts(store: Store, filter: RolloutFilter): Promise<readonly Rollout[]> {
  return everyItem(page => store.rollouts(filter, page))
}

/** The rollout before this one that is still open, if any: at most one each acts at a time. */
export async function openPrior(store: Store, rollout: Rollout): Promise<Rollout | undefined> {
  const { environment, service, id } = rollout
  const { items } = await store.rollouts({ environment, service, open: true }, { limit: OPEN })
  // By their order and not by their times: two of the same millisecond would wait for each other for ever.
  const own = items.findIndex(other => other.id === id)
  return own === -1 ? undefined : items[own + 1]
}

/**
 * The rollouts before a promotion's own that are still open, by service, where that matters. `settled` remembers, from
 * one call to the next, the own ones whose prior is gone or goes for sure: asking about all of many services at every
 * look would take a second.
 */
export async function openPriors(
  store: Store,
  rollouts: readonly Rollout[],
  settled: Set<string>,
): Promise<ReadonlyMap<string, Rollout>> {
  const asked = rollouts.filter(rollout => mayMeetPrior(rollout) && !settled.has(rollout.id))
  const found = await Promise.all(
    asked.map(async rollout => {
      const prior = await openPrior(store, rollout)
      if (prior === undefined || (rollout.state.phase === 'provision' && makesRoom(prior)))
        settled.add(rollout.id)
      return prior
    }),
  )
  return new Map(
    found.flatMap(rollout => (rollout === undefined ? [] : [[rollout.service, rollout] as const])),
  )
}

/** Later the rollout before is over. */
const mayMeetPrior = ({ state }: Rollout): boolean => state.phase === 'pending' || state.phase === 'provision'

const makesRoom = ({ state, request }: Rollout): boolean =>
  state.phase === 'retire' || (state.phase === 'standby' && request?.kind === 'end-standby')

/** So many of a service's rollouts nearly always tell who serves and since when. */
const NEWEST = 3

/** The newest rollouts of a service, as far back as the one that brought what serves now. */
export async function untilServing(store: Store, filter: RolloutFilter): Promise<readonly Rollout[]> {
  const history: Rollout[] = []
  for await (const rollouts of everyPage(page => store.rollouts(filter, page), NEWEST)) {
    history.push(...rollouts)
    if (broughtBy(history, servesNow(history)) !== undefined) break
  }
  return history
}

export function broughtBy(rollouts: readonly Rollout[], serving: Occupant | undefined): Rollout | undefined {
  return rollouts.find(({ to }) => to.release === serving?.release && to.color === serving.color)
}
