import { type Kysely, sql } from 'kysely'
import type { Lease, Store } from '../engine/ports.ts'
import type { Instant } from '../model/instant.ts'
import type { Tables } from './tables.ts'

type ClaimRequest = Parameters<Store['claim']>[0]

/** Whether there is something to take at the moment. */
export async function mayTake(db: Kysely<Tables>, request: ClaimRequest): Promise<boolean> {
  return (await firstDue(db, request)) !== undefined
}

/** Call in a transaction that took its turn: between finding and taking, nobody else may take it. */
export async function takeLease(db: Kysely<Tables>, request: ClaimRequest): Promise<Lease | undefined> {
  const due = await firstDue(db, request)
  if (due === undefined) return undefined
  const { promotion } = due
  const { owner } = request
  const fence = (due.fence ?? 0) + 1
  const held = { owner, fence, expires_at: request.now + request.leaseMilliseconds }
  await db
    .insertInto('leases')
    .values({ promotion, ...held })
    .onConflict(conflict => conflict.column('promotion').doUpdateSet(held))
    .execute()
  return { promotion, owner, fence }
}

/** Whether nobody took it since; time alone does not end a lease, it only lets others claim. */
export async function isHeld(db: Kysely<Tables>, lease: Lease): Promise<boolean> {
  const row = await db
    .selectFrom('leases')
    .select('fence')
    .where('promotion', '=', lease.promotion)
    .where('owner', '=', lease.owner)
    .where('fence', '=', lease.fence)
    .executeTakeFirst()
  return row !== undefined
}

/** Prolongs all that the owner holds. */
export async function renewAll(
  db: Kysely<Tables>,
  owner: string,
  expiresAt: Instant,
): Promise<readonly Lease[]> {
  const rows = await db
    .updateTable('leases')
    .set({ expires_at: expiresAt })
    .where('owner', '=', owner)
    .returning(['promotion', 'fence'])
    .execute()
  return rows.map(({ promotion, fence }) => ({ promotion, owner, fence }))
}

/** Keeps the row, so that the next holder's fence is higher. */
export async function giveBack(db: Kysely<Tables>, lease: Lease): Promise<void> {
  await db
    .updateTable('leases')
    .set({ owner: null })
    .where('promotion', '=', lease.promotion)
    .where('owner', '=', lease.owner)
    .where('fence', '=', lease.fence)
    .execute()
}

function firstDue(db: Kysely<Tables>, { owner, now, except }: ClaimRequest) {
  return db
    .withRecursive('found(promotion)', () => withRolloutsDue)
    .with('due', query =>
      query
        .selectFrom('promotions')
        .select(['id as promotion', 'due_at'])
        .where('due_at', 'is not', null)
        .unionAll(
          query
            .selectFrom('found')
            .select(['found.promotion', earliestDue.as('due_at')])
            .where('found.promotion', 'is not', null),
        ),
    )
    .selectFrom('due')
    .leftJoin('leases', 'leases.promotion', 'due.promotion')
    .select(['due.promotion', 'leases.owner', 'leases.fence'])
    .where('due.due_at', '<=', now)
    .where(eb =>
      eb.or([
        eb('leases.owner', 'is', null),
        eb('leases.owner', '=', owner),
        eb('leases.expires_at', '<=', now),
      ]),
    )
    .$if(except.length > 0, query => query.where('due.promotion', 'not in', except))
    .orderBy('due.due_at')
    .orderBy('due.promotion')
    .limit(1)
    .executeTakeFirst()
}

/** From promotion to promotion in the index, past all of its rollouts but the first: thousands may stand by. */
const withRolloutsDue = sql<{ promotion: string }>`(
  select min(promotion) from rollouts where due_at is not null
  union all
  select (select min(promotion) from rollouts where due_at is not null and promotion > found.promotion)
  from found where found.promotion is not null)`

const earliestDue = sql<number>`(
  select min(due_at) from rollouts where due_at is not null and promotion = found.promotion)`
