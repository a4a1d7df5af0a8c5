import type { GateFacts, PassedThrough } from '../model/gates.ts'
import type { EnvironmentPolicy } from '../model/policy.ts'
import type { Promotion } from '../model/promotion.ts'
import type { Release } from '../model/release.ts'
import type { PromotionRequest } from './control-plane.ts'
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
  const [checks, approvals, freezes, here, running] = await Promise.all([
    store.checks(release.id),
    store.approvals(release.id),
    store.freezes(),
    store.promotions({ environment: environment.name, release: release.id }, { limit: HISTORY }),
    store.promotions({ environment: environment.name, phase: 'running' }, { limit: 1 }),
  ])
  const busy = running.items.find(promotion => promotion.id !== to.own)
  const before =
    environment.after === undefined ? undefined : await passedThrough(store, release, environment.after)
  const rolledBack = await anyRolledBack(store, here.items)
  return {
    release,
    environment,
    by: request.by,
    breakGlass: request.breakGlass !== undefined,
    checks,
    approvals,
    freezes,
    here: { failed: here.items.some(promotion => endedAs(promotion, 'failed')), rolledBack },
    ...(before === undefined ? {} : { before }),
    ...(busy === undefined ? {} : { running: busy.id }),
  }
}

const endedAs = ({ state }: Promotion, outcome: string): boolean =>
  state.phase === 'done' && state.outcome === outcome

async function passedThrough(store: Store, release: Release, environment: string): Promise<PassedThrough> {
  const { items } = await store.promotions({ environment }, { limit: HISTORY })
  const successes = items.filter(promotion => endedAs(promotion, 'succeeded'))
  const last = successes.findIndex(promotion => promotion.release === release.id)
  const own = successes[last]
  if (own?.state.phase !== 'done') return { rolledBack: false }
  const next = successes.slice(0, last).findLast(promotion => promotion.release !== release.id)
  return {
    succeededAt: own.state.at,
    rolledBack: await anyRolledBack(store, [own]),
    ...(next?.state.phase === 'done' ? { replacedAt: next.state.at } : {}),
  }
}

/** Also true of what succeeded first and was taken back during its standby. */
async function anyRolledBack(store: Store, promotions: readonly Promotion[]): Promise<boolean> {
  for (const promotion of promotions) {
    if (endedAs(promotion, 'rolled-back')) return true
    const { items } = await store.rollouts({ promotion: promotion.id }, { limit: HISTORY })
    if (items.some(({ state }) => wentBack(state))) return true
  }
  return false
}

function wentBack(state: { readonly phase: string; readonly outcome?: string }): boolean {
  return state.phase === 'rollback' || state.outcome === 'rolled-back'
}
