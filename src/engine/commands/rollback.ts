import type { Actor } from '../../model/actor.ts'
import type { AuditEntry } from '../../model/audit-event.ts'
import type { Instant } from '../../model/instant.ts'
import { planRollouts } from '../../model/plan-rollouts.ts'
import type { Promotion } from '../../model/promotion.ts'
import { shortRelease } from '../../model/release.ts'
import type { Rollout } from '../../model/rollout.ts'
import { accept, refuse } from '../answers.ts'
import type { Answer } from '../control-plane.ts'
import { promotionEntry, rolloutEntry } from '../entries.ts'
import { everyPage } from '../pages.ts'
import type { EngineParts } from '../parts.ts'
import type { Change } from '../ports.ts'
import { untilRecorded } from './retry.ts'
import { type Way, waysBack } from './ways-back.ts'

export interface RollbackRequest {
  readonly environment: string
  readonly service?: string
  readonly by: Actor
  readonly reason: string
}

/** No gate and no freeze is asked. Each service goes back by the fastest way that it has. */
export function rollback(parts: EngineParts, request: RollbackRequest): Promise<Answer<readonly Rollout[]>> {
  return untilRecorded(async () => {
    const { environment, service } = request
    const services = await (service === undefined ? together(parts, environment) : theOne(parts, request))
    if (services.length === 0) return notFound(parts, request)
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

/** The services of the newest release that began: they go back together. */
async function together({ store }: EngineParts, environment: string): Promise<readonly string[]> {
  for await (const items of everyPage(page => store.promotions({ environment }, page), 10)) {
    const begun = items.filter(({ state }) => state.phase !== 'waiting' && !wasKeptOut(state))
    const newest = begun.find(({ kind }) => kind === 'promotion')
    if (newest !== undefined) return newest.services
  }
  return []
}

/** The service that was asked for, where it was ever rolled out. */
async function theOne({ store }: EngineParts, { environment, service }: RollbackRequest) {
  const filter = { environment, ...(service === undefined ? {} : { service }) }
  const { items } = await store.rollouts(filter, { limit: 1 })
  return items.map(rollout => rollout.service)
}

async function notFound({ store }: EngineParts, request: RollbackRequest) {
  const { environment, service } = request
  const known = await store.services(environment)
  if (service === undefined || known.length === 0) {
    const what = `nothing was ever rolled out in ${environment}`
    return refuse<readonly Rollout[]>('not-found', what, 'see `sluice status`')
  }
  const what = `there is no ${service} in ${environment}`
  return refuse<readonly Rollout[]>('not-found', what, `choose one of: ${known.join(', ')}`)
}

const wasKeptOut = (state: Promotion['state']): boolean =>
  state.phase === 'done' && (state.outcome === 'returned' || state.outcome === 'superseded')

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
    const standings = new Map(group.map(way => [way.service, way.standing]))
    const planned = planRollouts(promotion, found, standings, now)
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
