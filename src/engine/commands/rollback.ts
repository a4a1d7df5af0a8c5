import type { Actor } from '../../model/actor.ts'
import type { AuditEntry } from '../../model/audit-event.ts'
import type { Instant } from '../../model/instant.ts'
import { planRollouts } from '../../model/plan-rollouts.ts'
import type { Promotion } from '../../model/promotion.ts'
import { type ReleaseId, shortRelease } from '../../model/release.ts'
import { activeAfter, type Rollout } from '../../model/rollout.ts'
import { accept, refuse } from '../answers.ts'
import type { Answer } from '../control-plane.ts'
import { promotionEntry, rolloutEntry } from '../entries.ts'
import type { EngineParts } from '../parts.ts'
import type { Change } from '../ports.ts'
import { untilRecorded } from './retry.ts'

export interface RollbackRequest {
  readonly environment: string
  readonly service?: string
  readonly by: Actor
  readonly reason: string
}

/** What going back means for one service, depending on how far its newest rollout has come. */
type Way =
  | { readonly kind: 'request'; readonly rollout: Rollout; readonly request: 'rollback' | 'abort' }
  /** The standby is gone: a good release is brought up before users move. */
  | {
      readonly kind: 'bring-up'
      readonly service: string
      readonly release: ReleaseId
      readonly latest: Rollout
    }
  /** Already on its way back. */
  | { readonly kind: 'under-way'; readonly rollout: Rollout }

/** No gate and no freeze is asked. Each service goes back by the fastest way that it has. */
export function rollback(parts: EngineParts, request: RollbackRequest): Promise<Answer<readonly Rollout[]>> {
  return untilRecorded(async () => {
    const { environment } = request
    const newest = await newestByService(parts, environment)
    if (newest.size === 0)
      return refuse('not-found', `nothing was ever rolled out in ${environment}`, 'see `sluice status`')
    const services = request.service === undefined ? [...newest.keys()].toSorted() : [request.service]
    const ways: Way[] = []
    for (const service of services) {
      const own = newest.get(service)
      if (own === undefined)
        return refuse(
          'not-found',
          `there is no ${service} in ${environment}`,
          `choose one of: ${[...newest.keys()].join(', ')}`,
        )
      ways.push(...(await waysBack(parts, own)))
    }
    if (ways.length === 0) {
      return refuse(
        'conflict',
        `${environment} has no release to go back to`,
        'promote a good release instead',
      )
    }
    return record(parts, request, ways)
  })
}

/** Recent history of an environment, newest first by service. */
async function newestByService(
  parts: EngineParts,
  environment: string,
): Promise<ReadonlyMap<string, readonly Rollout[]>> {
  const { items } = await parts.store.rollouts({ environment }, { limit: 200 })
  return Map.groupBy(items, rollout => rollout.service)
}

async function waysBack(parts: EngineParts, history: readonly Rollout[]): Promise<readonly Way[]> {
  const open = history.filter(({ state }) => state.phase !== 'done')
  const [newest] = history
  if (newest === undefined) return []
  const ways = open.map(openWay).filter(way => way !== undefined)
  // Stopping what users are not on yet leaves them where they are; going back from there needs the one before as well.
  if (ways.some(way => way.kind === 'under-way' || way.request === 'rollback')) return ways
  if (ways.length > 0) return ways
  const good = await lastGood(parts, history)
  return good === undefined
    ? []
    : [{ kind: 'bring-up', service: newest.service, release: good, latest: newest }]
}

function openWay(rollout: Rollout) {
  switch (rollout.state.phase) {
    case 'pending':
    case 'preflight':
    case 'provision':
    case 'verify':
    case 'approval':
      return { kind: 'request' as const, rollout, request: 'abort' as const }
    case 'shift':
    case 'bake':
    case 'standby':
      return { kind: 'request' as const, rollout, request: 'rollback' as const }
    case 'rollback':
    case 'withdraw':
      return { kind: 'under-way' as const, rollout, request: undefined }
    case 'retire':
    case 'done':
      return undefined
    default:
      return rollout.state satisfies never
  }
}

/** The newest release before the present one that users were on and that was never taken back. */
async function lastGood(parts: EngineParts, history: readonly Rollout[]): Promise<ReleaseId | undefined> {
  const [newest] = history
  const present = newest === undefined ? undefined : activeAfter(newest)?.release
  const bad = new Set(history.filter(wentBack).map(({ to }) => to.release))
  const good = history.find(
    ({ state, to }) =>
      state.phase === 'done' &&
      state.outcome === 'succeeded' &&
      to.release !== present &&
      !bad.has(to.release),
  )
  return good === undefined || (await parts.store.release(good.to.release)) === undefined
    ? undefined
    : good.to.release
}

const wentBack = ({ state }: Rollout): boolean => state.phase === 'done' && state.outcome === 'rolled-back'

async function record(
  parts: EngineParts,
  request: RollbackRequest,
  ways: readonly Way[],
): Promise<Answer<readonly Rollout[]> | undefined> {
  const now = parts.clock.now()
  const asked = ways.flatMap(way =>
    way.kind === 'request' ? [askedBack(way.rollout, way.request, request, now)] : [],
  )
  const underWay = ways.flatMap(way => (way.kind === 'under-way' ? [way.rollout] : []))
  const broughtUp = await bringUp(parts, request, ways, now)
  const changes: Change[] = [
    ...asked.map(value => ({ kind: 'rollout' as const, value })),
    ...broughtUp.changes,
  ]
  const entries = [
    ...asked.map(rollout =>
      rolloutEntry(rollout, {
        kind: 'rollout.requested',
        actor: request.by.name,
        message: `${rollout.request?.kind ?? 'rollback'}: ${request.reason}`,
        at: now,
      }),
    ),
    ...broughtUp.entries,
  ]
  if (changes.length > 0 && (await parts.store.record(changes, entries)) === 'conflict') return undefined
  return accept([...asked, ...underWay, ...broughtUp.rollouts])
}

function askedBack(
  rollout: Rollout,
  kind: 'rollback' | 'abort',
  { by, reason }: RollbackRequest,
  now: Instant,
): Rollout {
  return {
    ...rollout,
    request: { kind, by: by.name, at: now, reason },
    dueAt: now,
    version: rollout.version + 1,
  }
}

/** One promotion of kind rollback for each release that services go back to; usually that is one. */
async function bringUp(parts: EngineParts, request: RollbackRequest, ways: readonly Way[], now: Instant) {
  const changes: Change[] = []
  const entries: AuditEntry[] = []
  const rollouts: Rollout[] = []
  const wanted = ways.filter(way => way.kind === 'bring-up')
  let number = wanted.length === 0 ? 0 : await parts.store.nextPromotionNumber(request.environment)
  for (const [release, group] of Map.groupBy(wanted, way => way.release)) {
    const found = await parts.store.release(release)
    if (found === undefined) continue
    const promotion: Promotion = {
      id: `${request.environment}-${number++}`,
      environment: request.environment,
      release,
      kind: 'rollback',
      services: group.map(({ service }) => service),
      by: request.by,
      createdAt: now,
      state: { phase: 'running', startedAt: now },
      dueAt: now,
      version: 1,
    }
    const planned = planRollouts(promotion, found, new Map(group.map(way => [way.service, way.latest])), now)
    rollouts.push(...planned)
    changes.push(
      { kind: 'promotion', value: promotion },
      ...planned.map(value => ({ kind: 'rollout' as const, value })),
    )
    entries.push(
      promotionEntry(promotion, {
        kind: 'promotion.started',
        actor: request.by.name,
        message: `rollback to ${shortRelease(release)}: ${request.reason}`,
        at: now,
      }),
    )
  }
  return { changes, entries, rollouts }
}
