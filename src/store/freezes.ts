import type { Kysely } from 'kysely'
import type { Page, Paged } from '../engine/ports.ts'
import type { Freeze } from '../model/policy.ts'
import { pageRange, toPage } from './page-cursor.ts'
import { amended, type StoredValue, toText } from './stored-value.ts'
import type { Tables } from './tables.ts'

/** A freeze that is already kept can only be lifted. */
export async function keepFreeze(db: Kysely<Tables>, freeze: Freeze): Promise<void> {
  const row = await db.selectFrom('freezes').select('value').where('id', '=', freeze.id).executeTakeFirst()
  const value = toText(row ? amended(readFreeze(row), freeze, ['liftedAt', 'liftedBy']) : freeze)
  await db
    .insertInto('freezes')
    .values({ id: freeze.id, value })
    .onConflict(conflict => conflict.column('id').doUpdateSet({ value }))
    .execute()
}

/** Oldest first. */
export async function listFreezes(db: Kysely<Tables>): Promise<readonly Freeze[]> {
  const rows = await db.selectFrom('freezes').select('value').orderBy('position').execute()
  return rows.map(row => readFreeze(row))
}

/** Newest first. */
export async function pageOfFreezes(db: Kysely<Tables>, page: Page): Promise<Paged<Freeze>> {
  const range = pageRange('freezes', page)
  const rows = await db
    .selectFrom('freezes')
    .select(['position', 'value'])
    .where('position', '<', range.before)
    .orderBy('position', 'desc')
    .limit(range.rows)
    .execute()
  return toPage({ list: 'freezes', page, rows, read: readFreeze })
}

function readFreeze(row: StoredValue): Freeze {
  return JSON.parse(row.value)
}
