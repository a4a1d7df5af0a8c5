import type { Kysely } from 'kysely'
import type { Instant } from '../model/instant.ts'
import type { Tables } from './tables.ts'

/** When this store was made or restored. */
export async function readEpoch(db: Kysely<Tables>): Promise<Instant> {
  const row = await db.selectFrom('epoch').select('epoch').where('id', '=', 1).executeTakeFirst()
  if (row === undefined) throw new Error('the store has lost the row that says when it was made')
  return row.epoch
}
