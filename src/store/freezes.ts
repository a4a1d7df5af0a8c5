import type { Kysely } from 'kysely'
import type { Freeze } from '../model/policy.ts'
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

function readFreeze(row: StoredValue): Freeze {
  return JSON.parse(row.value)
}
