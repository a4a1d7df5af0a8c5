import type { Kysely } from 'kysely'
import { type Change, type Store, StoreUnavailable } from '../engine/ports.ts'
import { appendEntries } from './audit-log.ts'
import type { Database } from './database.ts'
import { keepFreeze } from './freezes.ts'
import { isHeld } from './leases.ts'
import { keepPromotion } from './promotions.ts'
import { keepRelease } from './releases.ts'
import { keepApproval, keepCheck } from './reviews.ts'
import { keepRollout } from './rollouts.ts'
import type { Tables } from './tables.ts'
import { keepToken } from './tokens.ts'

/** Ends the transaction without keeping anything; never leaves this file. */
class Conflict extends Error {}

type Request = Parameters<Store['record']>

interface Waiting {
  readonly request: Request
  readonly answer: (recorded: Promise<'recorded' | 'conflict'>) => void
}

/** So many changes at once take a few milliseconds; whoever comes meanwhile waits no longer than that. */
const CHANGES_AT_ONCE = 50

/**
 * Keeps all changes and appends all entries of a request in one transaction, then tells the listeners. Making it durable
 * takes longer than all the rest, so requests that come while another is being kept wait and are kept together.
 */
export function createRecorder(database: Database): Store['record'] {
  const waiting: Waiting[] = []
  let isBusy = false
  const work = async (): Promise<void> => {
    isBusy = true
    while (waiting.length > 0) {
      const group = nextGroup(waiting)
      await recordGroup(
        database,
        group.map(({ request }) => request),
      ).then(
        () => group.forEach(({ answer }) => answer(Promise.resolve('recorded'))),
        error => recordEach(database, group, error),
      )
    }
    isBusy = false
  }
  return (...request) =>
    new Promise(resolve => {
      waiting.push({ request, answer: resolve })
      if (!isBusy) void work()
    })
}

function nextGroup(waiting: Waiting[]): readonly Waiting[] {
  let changes = 0
  const end = waiting.findIndex(({ request }, index) => {
    changes += Math.max(1, request[0].length)
    return index > 0 && changes > CHANGES_AT_ONCE
  })
  return waiting.splice(0, end === -1 ? waiting.length : end)
}

/** What is wrong with one of them is no reason to refuse the others: nothing was kept yet, so each is tried alone. */
async function recordEach(database: Database, group: readonly Waiting[], error: unknown): Promise<void> {
  const isUnknown = error instanceof StoreUnavailable && error.outcome === 'unknown'
  for (const { request, answer } of group) {
    const alone = isUnknown || group.length === 1 ? Promise.reject(error) : recordGroup(database, [request])
    const recorded = alone.then(
      () => 'recorded' as const,
      (failure: unknown) => {
        if (failure instanceof Conflict) return 'conflict' as const
        throw failure
      },
    )
    answer(recorded)
    await recorded.catch(() => undefined)
  }
}

/** All of them or nothing; fails with `Conflict` when one of them conflicts. */
async function recordGroup(database: Database, requests: readonly Request[]): Promise<void> {
  const events = await database.kysely.transaction().execute(async transaction => {
    await database.takeTurn(transaction)
    for (const [changes, , lease] of requests) {
      if (lease !== undefined && !(await isHeld(transaction, lease))) throw new Conflict()
      for (const change of changes) {
        if (!(await keep(transaction, change))) throw new Conflict()
      }
    }
    return await appendEntries(
      transaction,
      requests.flatMap(([, entries]) => entries),
    )
  })
  if (events.length > 0) database.announce(events)
}

/** False when somebody recorded a newer version. */
async function keep(db: Kysely<Tables>, change: Change): Promise<boolean> {
  switch (change.kind) {
    case 'promotion':
      return await keepPromotion(db, change.value)
    case 'rollout':
      return await keepRollout(db, change.value)
    case 'release':
      await keepRelease(db, change.value)
      return true
    case 'check':
      await keepCheck(db, change.value)
      return true
    case 'approval':
      await keepApproval(db, change.value)
      return true
    case 'freeze':
      await keepFreeze(db, change.value)
      return true
    case 'token':
      await keepToken(db, change.value)
      return true
    default:
      throw new Error(`unknown change ${JSON.stringify(change satisfies never)}`)
  }
}
