import type { Kysely } from 'kysely'
import { type Change, type Store, StoreUnavailable } from '../engine/ports.ts'
import type { AuditEvent } from '../model/audit-event.ts'
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
  readonly answer: (recorded: 'recorded' | 'conflict') => void
  readonly fail: (error: unknown) => void
}

export interface Recorder {
  readonly record: Store['record']
  /** Resolves when nothing is being recorded. */
  idle(): Promise<void>
}

/** So many changes at once take a few milliseconds; whoever comes meanwhile waits no longer than that. */
const CHANGES_AT_ONCE = 50

/**
 * Keeps all changes and appends all entries of a request in one transaction, then tells the listeners. Making it durable
 * takes longer than all the rest, so requests that come while others are being kept wait and are kept together.
 */
export function createRecorder(database: Database): Recorder {
  const waiting: Waiting[] = []
  let working: Promise<void> | undefined
  const work = async (): Promise<void> => {
    while (waiting.length > 0) await serve(database, nextGroup(waiting))
    working = undefined
  }
  return {
    record: (...request) =>
      new Promise((answer, fail) => {
        waiting.push({ request, answer, fail })
        working ??= work()
      }),
    idle: async () => await working,
  }
}

function nextGroup(waiting: Waiting[]): readonly Waiting[] {
  let changes = 0
  const end = waiting.findIndex(({ request }, index) => {
    changes += Math.max(1, request[0].length)
    return index > 0 && changes > CHANGES_AT_ONCE
  })
  return waiting.splice(0, end === -1 ? waiting.length : end)
}

async function serve(database: Database, group: readonly Waiting[]): Promise<void> {
  let events: readonly AuditEvent[]
  try {
    events = await keepTogether(
      database,
      group.map(({ request }) => request),
    )
  } catch (error) {
    await serveEach(database, group, error)
    return
  }
  if (events.length > 0) database.announce(events)
  for (const { answer } of group) answer('recorded')
}

/** What is wrong with one is no reason to refuse the others: as long as nothing was kept, each is tried alone. */
async function serveEach(database: Database, group: readonly Waiting[], error: unknown): Promise<void> {
  const mayBeKept = error instanceof StoreUnavailable && error.outcome === 'unknown'
  if (group.length > 1 && !mayBeKept) {
    for (const one of group) await serve(database, [one])
    return
  }
  for (const { answer, fail } of group) {
    if (error instanceof Conflict) answer('conflict')
    else fail(error)
  }
}

/** All of them or nothing; fails with `Conflict` when one of them conflicts. */
async function keepTogether(
  database: Database,
  requests: readonly Request[],
): Promise<readonly AuditEvent[]> {
  return await database.kysely.transaction().execute(async transaction => {
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
