import { type Insertable, type Kysely, sql } from 'kysely'
import type { Page, Paged, RolloutFilter } from '../engine/ports.ts'
import type { Rollout } from '../model/rollout.ts'
import { pageRange, toPage } from './page-cursor.ts'
import { type StoredValue, toText } from './stored-value.ts'
import type { RolloutTable, Tables } from './tables.ts'

/** False when the stored version is not the one before; version 1 is new, and so is its number. */
export async function keepRollout(db: Kysely<Tables>, rollout: Rollout): Promise<boolean> {
  const row = rolloutRow(rollout)
  if (rollout.version === 1) {
    const inserted = await db
      .insertInto('rollouts')
      .values(row)
      // Another of the same number was planned meanwhile, by somebody who did not know of this one.
      .onConflict(conflict => conflict.doNothing())
      .executeTakeFirst()
    return inserted.numInsertedOrUpdatedRows === 1n
  }
  const updated = await db
    .updateTable('rollouts')
    .set(row)
    .where('id', '=', rollout.id)
    .where('version', '=', rollout.version - 1)
    .executeTakeFirst()
  return updated.numUpdatedRows === 1n
}

export async function findRollout(db: Kysely<Tables>, id: string): Promise<Rollout | undefined> {
  const row = await db.selectFrom('rollouts').select('value').where('id', '=', id).executeTakeFirst()
  return row && readRollout(row)
}

export async function listRollouts(
  db: Kysely<Tables>,
  filter: RolloutFilter,
  page: Page,
): Promise<Paged<Rollout>> {
  const { environment, service, promotion, open } = filter
  const range = pageRange('rollouts', page)
  // Spelt out, not bound: the index of open rollouts holds for this very word.
  const done = sql.lit('done')
  const rows = await db
    .selectFrom('rollouts')
    .select(['position', 'value'])
    .where('position', '<', range.before)
    .$if(environment !== undefined, query => query.where('environment', '=', environment ?? ''))
    .$if(service !== undefined, query => query.where('service', '=', service ?? ''))
    .$if(promotion !== undefined, query => query.where('promotion', '=', promotion ?? ''))
    .$if(open !== undefined, query => query.where('phase', open === true ? '<>' : '=', done))
    .orderBy('position', 'desc')
    .limit(range.rows)
    .execute()
  return toPage({ list: 'rollouts', page, rows, read: row => readRollout(row) })
}

function rolloutRow(rollout: Rollout): Insertable<RolloutTable> {
  const { id, promotion, environment, service, number, state, dueAt, version } = rollout
  const value = toText(rollout)
  const phase = state.phase
  return { id, promotion, environment, service, number, phase, due_at: dueAt, version, value }
}

function readRollout(row: StoredValue): Rollout {
  return JSON.parse(row.value)
}
