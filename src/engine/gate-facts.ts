import type { GateFacts, PassedThrough } from '../model/gate-facts.ts'
import type { EnvironmentPolicy } from '../model/policy.ts'
import type { Promotion } from '../model/promotion.ts'
import type { Release } from '../model/release.ts'
import type { Rollout } from '../model/rollout.ts'
import type { PromotionRequest } from './control-plane.ts'
import { allRollouts, servingNow } from './latest.ts'
import { everyItem, everyPage } from './pages.ts'
import type { Store } from './ports.ts'

/** Mostly few promotions came since the one that is looked for, and each names all of its services. */
const LATELY = 10

/** Reads everything that a gate's verdict rests on. `own` is a promotion that does not stand in its own way. */
export async function gateFacts(
  store: Store,
  request: Pick<PromotionRequest, 'by' | 'breakGlass'>,
  to: { readonly release: Release; readonly environment: EnvironmentPolicy; readonly own?: string },
): Promise<GateFacts> {
  const { release, environment } = to
  const [checks, approvals, freezes, here, running] = await Promise.all([
    store.checks(release.id),
    store.approvals(release.id),
    store.freezes(),
    promotionsOf(store, release, environment.name),
    store.promotions({ environment: environment.name, phase: 'running' }, { limit: 1 }),
  ])
  const busy = running.items.find(promotion => promotion.id !== to.own)
  const before =
    environment.after === undefined ? undefined : await passedThrough(store, release, environment.after)
  const first = here.at(-1)
  const since = first === undefined ? [] : await newerThan(store, first)
  const rolledBack = await wasTakenBack(store, release, [...here, ...since.filter(isRollback)])
  return {
    release,
    environment,
    by: request.by,
    breakGlass: request.breakGlass !== undefined,
    checks,
    approvals,
    freezes,
    here: { failed: here.some(promotion => endedAs(promotion, 'failed')), rolledBack },
    leftBehind: await leftBehind(store, release, environment.name),
    ...(before === undefined ? {} : { before }),
    ...(busy === undefined ? {} : { running: busy.id }),
  }
}

/** Services that were rolled out here once, are not in the release, and still have users. */
async function leftBehind(store: Store, release: Release, environment: string): Promise<readonly string[]> {
  const own = new Set(Object.keys(release.environments[environment] ?? {}))
  const others = (await store.services(environment)).filter(service => !own.has(service))
  return [...(await servingNow(store, environment, others)).keys()].toSorted()
}

/** All that ever brought, or were to bring, the release into the environment, newest first. */
function promotionsOf(store: Store, release: Release, environment: string): Promise<readonly Promotion[]> {
  return everyItem(page => store.promotions({ environment, release: release.id }, page))
}

/** Promotions into the same environment that were asked for after this one, newest first. */
async function newerThan(store: Store, { environment, id }: Promotion): Promise<readonly Promotion[]> {
  const newer: Promotion[] = []
  for await (const items of everyPage(page => store.promotions({ environment }, page), LATELY)) {
    const at = items.findIndex(promotion => promotion.id === id)
    newer.push(...(at === -1 ? items : items.slice(0, at)))
    if (at !== -1) break
  }
  return newer
}

const endedAs = ({ state }: Promotion, outcome: string): boolean =>
  state.phase === 'done' && state.outcome === outcome

const isRollback = ({ kind }: Promotion): boolean => kind === 'rollback'

async function passedThrough(store: Store, release: Release, environment: string): Promise<PassedThrough> {
  const own = (await promotionsOf(store, release, environment)).find(one => broughtAll(one, release))
  if (own?.state.phase !== 'done') return { rolledBack: false }
  const newer = await newerThan(store, own)
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
    const rollouts = await allRollouts(store, { promotion: promotion.id })
    const taken = isRollback(promotion) ? rollouts.filter(({ from }) => from?.release === release.id) : []
    const went = rollouts.filter(({ to, history }) => to.release === release.id && history.some(isWayBack))
    if (taken.length + went.length > 0) return true
  }
  return false
}

const isWayBack = ({ phase }: Rollout['history'][number]): boolean => phase === 'rollback'
