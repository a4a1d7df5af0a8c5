import type { GateFacts, PassedThrough } from '../model/gate-facts.ts'
import type { EnvironmentPolicy } from '../model/policy.ts'
import type { Promotion } from '../model/promotion.ts'
import type { Release } from '../model/release.ts'
import type { Rollout } from '../model/rollout.ts'
import type { PromotionRequest } from './control-plane.ts'
import { servingNow } from './latest.ts'
import type { Store } from './ports.ts'

/** How far back promotions of one environment are read. */
const HISTORY = 200

/** Reads everything that a gate's verdict rests on. `own` is a promotion that does not stand in its own way. */
export async function gateFacts(
  store: Store,
  request: Pick<PromotionRequest, 'by' | 'breakGlass'>,
  to: { readonly release: Release; readonly environment: EnvironmentPolicy; readonly own?: string },
): Promise<GateFacts> {
  const { release, environment } = to
  const [checks, approvals, freezes, here, all, running] = await Promise.all([
    store.checks(release.id),
    store.approvals(release.id),
    store.freezes(),
    store.promotions({ environment: environment.name, release: release.id }, { limit: HISTORY }),
    store.promotions({ environment: environment.name }, { limit: HISTORY }),
    store.promotions({ environment: environment.name, phase: 'running' }, { limit: 1 }),
  ])
  const busy = running.items.find(promotion => promotion.id !== to.own)
  const before =
    environment.after === undefined ? undefined : await passedThrough(store, release, environment.after)
  const rolledBack = await wasTakenBack(store, release, [...here.items, ...all.items.filter(isRollback)])
  return {
    release,
    environment,
    by: request.by,
    breakGlass: request.breakGlass !== undefined,
    checks,
    approvals,
    freezes,
    here: { failed: here.items.some(promotion => endedAs(promotion, 'failed')), rolledBack },
    leftBehind: await leftBehind(store, release, environment.name),
    ...(before === undefined ? {} : { before }),
    ...(busy === undefined ? {} : { running: busy.id }),
  }
}

/** Services that were rolled out here once, are not in the release, and still have users. */
async function leftBehind(store: Store, release: Release, environment: string): Promise<readonly string[]> {
  const { items } = await store.promotions({ environment }, { limit: HISTORY })
  const own = new Set(Object.keys(release.environments[environment] ?? {}))
  const others = new Set(items.flatMap(({ services }) => services).filter(service => !own.has(service)))
  return [...(await servingNow(store, environment, [...others])).keys()].toSorted()
}

const endedAs = ({ state }: Promotion, outcome: string): boolean =>
  state.phase === 'done' && state.outcome === outcome

const isRollback = ({ kind }: Promotion): boolean => kind === 'rollback'

async function passedThrough(store: Store, release: Release, environment: string): Promise<PassedThrough> {
  const { items } = await store.promotions({ environment }, { limit: HISTORY })
  const at = items.findIndex(promotion => broughtAll(promotion, release))
  const own = items[at]
  if (own?.state.phase !== 'done') return { rolledBack: false }
  const newer = items.slice(0, at)
  const next = newer.findLast(one => one.release !== release.id && endedAs(one, 'succeeded'))
  const since = newer.filter(one => one.release === release.id || isRollback(one))
  return {
    succeededAt: own.state.at,
    rolledBack: await wasTakenBack(store, release, [own, ...since]),
    ...(next?.state.phase === 'done' ? { replacedAt: next.state.at } : {}),
  }
}

/** A rollback may have brought some of its services only: that is no success of the release. */
function broughtAll(promotion: Promotion, release: Release): boolean {
  if (promotion.release !== release.id || !endedAs(promotion, 'succeeded')) return false
  const services = Object.keys(release.environments[promotion.environment] ?? {})
  return services.every(service => promotion.services.includes(service))
}

/** Also true of what succeeded first and was taken back during its standby, or later by bringing another up. */
async function wasTakenBack(
  store: Store,
  release: Release,
  promotions: readonly Promotion[],
): Promise<boolean> {
  for (const promotion of promotions) {
    const { items } = await store.rollouts({ promotion: promotion.id }, { limit: HISTORY })
    const taken = isRollback(promotion) ? items.filter(({ from }) => from?.release === release.id) : []
    const went = items.filter(({ to, history }) => to.release === release.id && history.some(isWayBack))
    if (taken.length + went.length > 0) return true
  }
  return false
}

const isWayBack = ({ phase }: Rollout['history'][number]): boolean => phase === 'rollback'
