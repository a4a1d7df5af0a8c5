import { sql } from 'kysely'
import type { Store } from '../engine/ports.ts'
import type { Database } from './database.ts'
import {
  aCheck,
  aFreeze,
  anApproval,
  anEntry,
  aPromotion,
  aRelease,
  aRollout,
  aToken,
} from './store-fixtures.ts'

/** Something in every table; more than one batch in most. */
export async function recordEverything(store: Store, count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1) {
    const release = aRelease(number)
    const promotion = aPromotion(release, {
      id: `prod-${number}`,
      dueAt: 1,
      state: { phase: 'running', startedAt: 1 },
    })
    await store.record(
      [
        { kind: 'release', value: release },
        { kind: 'check', value: aCheck(release, { name: `unit ${number} ☃` }) },
        { kind: 'approval', value: anApproval(release, { id: `a-${number}` }) },
        { kind: 'promotion', value: promotion },
        { kind: 'rollout', value: aRollout(promotion) },
        { kind: 'freeze', value: aFreeze({ id: `f-${number}` }) },
        { kind: 'token', value: aToken({ id: `t-${number}` }) },
      ],
      [anEntry({ message: `event ${number} é ☃ \u{1f600}` })],
    )
  }
  const key = { token: 't-1', key: 'k', request: 'r', at: 1 }
  await store.reserveAnswer(key, 0)
  await store.keepAnswer(key, '{}')
  await store.reserveAnswer({ ...key, key: 'under way' }, 0)
  for (let lease = 0; lease < 3; lease += 1)
    await store.claim({ owner: 'somebody', now: 10, leaseMilliseconds: 1000, except: [`prod-${lease}`] })
}

/** Every row of every table but those that say when tables were made. */
export async function rowsOf(database: Database): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const tables = (await database.kysely.introspection.getTables()).map(({ name }) => name)
  const found: Record<string, readonly unknown[]> = {}
  for (const table of tables.filter(name => name !== 'schema_versions').toSorted()) {
    const { rows } = await sql`select * from ${sql.table(table)}`.execute(database.kysely)
    found[table] = rows
      .map(row => ({ ...(row as object) }))
      .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  }
  return found
}
