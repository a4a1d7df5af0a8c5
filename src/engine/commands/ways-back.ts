import type { Standing } from '../../model/plan-rollouts.ts'
import type { ReleaseId } from '../../model/release.ts'
import { isCalledBack, type Occupant, type Rollout, servesNow } from '../../model/rollout.ts'
import { everyPage } from '../pages.ts'
import type { EngineParts } from '../parts.ts'

/** So many of the newest rollouts nearly always hold a way back. */
const NEAR = 10

/** What going back means for one service, depending on how far its newest rollout has come. */
export type Way =
  | { readonly kind: 'request'; readonly rollout: Rollout; readonly request: 'rollback' | 'abort' }
  /** The standby is gone: a good release is brought up before users move. */
  | {
      readonly kind: 'bring-up'
      readonly service: string
      readonly release: ReleaseId
      readonly standing: Standing
    }
  /** Already on its way back. */
  | { readonly kind: 'under-way'; readonly rollout: Rollout }

/** A standby is found among the newest few; more of the history is read only to find a good release in it. */
export async function waysBack(
  parts: EngineParts,
  environment: string,
  service: string,
): Promise<readonly Way[]> {
  const filter = { environment, service }
  const history: Rollout[] = []
  for await (const rollouts of everyPage(page => parts.store.rollouts(filter, page), NEAR)) {
    history.push(...rollouts)
    const ways = await waysIn(parts, service, history)
    if (ways.length > 0) return ways
  }
  return []
}

async function waysIn(
  parts: EngineParts,
  service: string,
  history: readonly Rollout[],
): Promise<readonly Way[]> {
  const open = history.filter(({ state }) => state.phase !== 'done')
  // Stopping what users are not on yet leaves them where they are; going back from there needs the one before as well.
  const ways = open.map(openWay).filter(way => way !== undefined)
  const serving = servesNow(history)
  if (ways.length > 0 || serving === undefined) return ways
  const good = await lastGood(parts, history, serving)
  // Of this very history: whoever planned something since then makes this plan conflict.
  const standing = { serving, newest: history[0]?.number ?? 0 }
  return good === undefined ? [] : [{ kind: 'bring-up', service, release: good, standing }]
}

function openWay(rollout: Rollout): Way | undefined {
  const underWay = { kind: 'under-way', rollout } as const
  if (isCalledBack(rollout)) return underWay
  switch (rollout.state.phase) {
    case 'pending':
    case 'preflight':
    case 'provision':
    case 'verify':
    case 'approval':
      // Impatience must not stop the very thing that it waits for.
      return rollout.kind === 'rollback' ? underWay : { kind: 'request', rollout, request: 'abort' }
    case 'shift':
    case 'bake':
      if (rollout.kind === 'rollback') return underWay
      return rollout.from === undefined ? undefined : { kind: 'request', rollout, request: 'rollback' }
    case 'standby':
      // What stands by after a rollback is what people wanted to get away from: further back means another release.
      return rollout.kind === 'rollback' ? undefined : { kind: 'request', rollout, request: 'rollback' }
    case 'rollback':
      return underWay
    case 'withdraw':
      return rollout.state.rollbackMilliseconds === undefined ? undefined : underWay
    case 'retire':
    case 'done':
      return undefined
    default:
      return rollout.state satisfies never
  }
}

/** The newest release before the present one that users were on and that was not taken from them since. */
async function lastGood(
  parts: EngineParts,
  newestFirst: readonly Rollout[],
  serving: Occupant,
): Promise<ReleaseId | undefined> {
  const passedOver = new Set([serving.release])
  for (const { kind, state, from, to } of newestFirst) {
    const succeeded = state.phase === 'done' && state.outcome === 'succeeded'
    if (succeeded && !passedOver.has(to.release)) {
      return (await parts.store.release(to.release)) === undefined ? undefined : to.release
    }
    if (kind === 'rollback' && from !== undefined) passedOver.add(from.release)
    if (state.phase === 'done' && state.outcome === 'rolled-back') passedOver.add(to.release)
  }
  return undefined
}
