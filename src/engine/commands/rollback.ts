import type { Actor } from '../../model/actor.ts'
import type { AuditEntry } from '../../model/audit-event.ts'
import type { Instant } from '../../model/instant.ts'
import { planRollouts } from '../../model/plan-rollouts.ts'
import type { Promotion } from '../../model/promotion.ts'
import { type ReleaseId, shortRelease } from '../../model/release.ts'
import { isCalledBack, type Occupant, type Rollout, servesNow } from '../../model/rollout.ts'
import { accept, refuse } from '../answers.ts'
import type { Answer } from '../control-plane.ts'
import { promotionEntry, rolloutEntry } from '../entries.ts'
import type { EngineParts } from '../parts.ts'
import type { Change } from '../ports.ts'
import { untilRecorded } from './retry.ts'

/** How far back promotions and rollouts are read. */
const HISTORY = 200
const NEAR = 10

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
      readonly serving: Occupant
    }
  /** Already on its way back. */
  | { readonly kind: 'under-way'; readonly rollout: Rollout }

/** No gate and no freeze is asked. Each service goes back by the fastest way that it has. */
export function rollback(parts: EngineParts, request: RollbackRequest): Promise<Answer<readonly Rollout[]>> {
  return untilRecorded(async () => {
    const { environment } = request
    const { known, together } = await servicesOf(parts, environment)
    if (known.length === 0)
      return refuse('not-found', `nothing was ever rolled out in ${environment}`, 'see `sluice status`')
    if (request.service !== undefined && !known.includes(request.service)) {
      const what = `there is no ${request.service} in ${environment}`
      return refuse('not-found', what, `choose one of: ${known.join(', ')}`)
    }
    const services = request.service === undefined ? together : [request.service]
    const ways = (await Promise.all(services.map(service => waysBack(parts, environment, service)))).flat()
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

/** All services that were rolled out lately, and those that the newest release has: they go back together. */
async function servicesOf(parts: EngineParts, environment: string) {
  const { items } = await parts.store.promotions({ environment }, { limit: HISTORY })
  const begun = items.filter(({ state }) => state.phase !== 'waiting' && !wasKeptOut(state))
  const newest = begun.find(({ kind }) => kind === 'promotion')
  return {
    known: [...new Set(begun.flatMap(({ services }) => services))].toSorted(),
    together: newest?.services ?? [],
  }
}

const wasKeptOut = (state: Promotion['state']): boolean =>
  state.phase === 'done' && (state.outcome === 'returned' || state.outcome === 'superseded')

/** A standby is found among the newest few; the whole history is read only to find a good release in it. */
async function waysBack(parts: EngineParts, environment: string, service: string): Promise<readonly Way[]> {
  const near = await waysIn(parts, service, await history(parts, environment, service, NEAR))
  return near.length > 0 ? near : waysIn(parts, service, await history(parts, environment, service, HISTORY))
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
  return good === undefined ? [] : [{ kind: 'bring-up', service, release: good, serving }]
}

async function history(parts: EngineParts, environment: string, service: string, limit: number) {
  return (await parts.store.rollouts({ environment, service }, { limit })).items
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
    const planned = planRollouts(promotion, found, new Map(group.map(way => [way.service, way.serving])), now)
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
