import type { Standing } from '../model/plan-rollouts.ts'
import { type Occupant, type Rollout, servesNow } from '../model/rollout.ts'
import type { RolloutFilter, Store } from './ports.ts'

/** Rollouts that ended before they reached users are passed over, so one page is nearly always enough. */
const PAGE = 20

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
  let cursor: string | undefined
  let newest: number | undefined
  do {
    const page = await store.rollouts(filter, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) })
    newest ??= page.items[0]?.number ?? 0
    const serving = servesNow(page.items)
    if (serving !== undefined) return { newest, serving }
    cursor = page.next
  } while (cursor !== undefined)
  return { newest }
}

/** Every rollout that the filter lets through: a promotion has one for each of its services, however many. */
export async function allRollouts(store: Store, filter: RolloutFilter): Promise<readonly Rollout[]> {
  const all: Rollout[] = []
  let cursor: string | undefined
  do {
    const page = await store.rollouts(filter, { limit: 200, ...(cursor === undefined ? {} : { cursor }) })
    all.push(...page.items)
    cursor = page.next
  } while (cursor !== undefined)
  return all
}

/** The rollout before this one that is still open, if any: at most one each acts at a time. */
export async function openPrior(store: Store, rollout: Rollout): Promise<Rollout | undefined> {
  const { environment, service, id } = rollout
  const { items } = await store.rollouts({ environment, service, open: true }, { limit: PAGE })
  // By their order and not by their times: two of the same millisecond would wait for each other for ever.
  const own = items.findIndex(other => other.id === id)
  return own === -1 ? undefined : items[own + 1]
}

/** The rollouts before a promotion's own that are still open, by service. */
export async function openPriors(
  store: Store,
  rollouts: readonly Rollout[],
): Promise<ReadonlyMap<string, Rollout>> {
  const found = await Promise.all(rollouts.map(rollout => openPrior(store, rollout)))
  return new Map(
    found.flatMap(rollout => (rollout === undefined ? [] : [[rollout.service, rollout] as const])),
  )
}
