import type { Kysely } from 'kysely'
import type { Change, Store } from '../engine/ports.ts'
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

/** Keeps all changes and appends all entries in one transaction, then tells the listeners. */
export async function recordAll(
  database: Database,
  ...[changes, entries, lease]: Parameters<Store['record']>
): Promise<'recorded' | 'conflict'> {
  let events: readonly AuditEvent[]
  try {
    events = await database.kysely.transaction().execute(async transaction => {
      await database.takeTurn(transaction)
      if (lease !== undefined && !(await isHeld(transaction, lease))) throw new Conflict()
      for (const change of changes) {
        if (!(await keep(transaction, change))) throw new Conflict()
      }
      return await appendEntries(transaction, entries)
    })
  } catch (error) {
    if (error instanceof Conflict) return 'conflict'
    throw error
  }
  if (events.length > 0) database.announce(events)
  return 'recorded'
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
