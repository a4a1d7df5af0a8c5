import type { Rollout } from '../model/rollout.ts'
import type { Store } from './ports.ts'

/** The newest rollout of each service in an environment. */
export async function latestRollouts(
  store: Store,
  environment: string,
  services: readonly string[],
): Promise<ReadonlyMap<string, Rollout>> {
  const found = await Promise.all(
    services.map(async service => (await store.rollouts({ environment, service }, { limit: 1 })).items[0]),
  )
  return new Map(
    found.flatMap(rollout => (rollout === undefined ? [] : [[rollout.service, rollout] as const])),
  )
}

/** The rollouts before a promotion's own that are still open, by service; at most one each acts at a time. */
export async function openPriors(
  store: Store,
  rollouts: readonly Rollout[],
): Promise<ReadonlyMap<string, Rollout>> {
  const own = new Set(rollouts.map(rollout => rollout.id))
  const found = await Promise.all(
    rollouts.map(async ({ environment, service, createdAt }) => {
      const open = await store.rollouts({ environment, service, open: true }, { limit: 10 })
      return open.items.find(other => !own.has(other.id) && other.createdAt <= createdAt)
    }),
  )
  return new Map(
    found.flatMap(rollout => (rollout === undefined ? [] : [[rollout.service, rollout] as const])),
  )
}
