import type { Insertable, Kysely } from 'kysely'
import type { Page, Paged, PromotionFilter } from '../engine/ports.ts'
import type { Promotion } from '../model/promotion.ts'
import { pageRange, toPage } from './page-cursor.ts'
import { type StoredValue, toText } from './stored-value.ts'
import type { PromotionTable, Tables } from './tables.ts'

/** False when the stored version is not the one before; version 1 is new. */
export async function keepPromotion(db: Kysely<Tables>, promotion: Promotion): Promise<boolean> {
  const row = promotionRow(promotion)
  if (promotion.version === 1) {
    const inserted = await db
      .insertInto('promotions')
      .values(row)
      .onConflict(conflict => conflict.column('id').doNothing())
      .executeTakeFirst()
    return inserted.numInsertedOrUpdatedRows === 1n
  }
  const updated = await db
    .updateTable('promotions')
    .set(row)
    .where('id', '=', promotion.id)
    .where('version', '=', promotion.version - 1)
    .executeTakeFirst()
  return updated.numUpdatedRows === 1n
}

export async function findPromotion(db: Kysely<Tables>, id: string): Promise<Promotion | undefined> {
  const row = await db.selectFrom('promotions').select('value').where('id', '=', id).executeTakeFirst()
  return row && readPromotion(row)
}

export async function listPromotions(
  db: Kysely<Tables>,
  filter: PromotionFilter,
  page: Page,
): Promise<Paged<Promotion>> {
  const { environment, release, phase } = filter
  const range = pageRange('promotions', page)
  const rows = await db
    .selectFrom('promotions')
    .select(['position', 'value'])
    .where('position', '<', range.before)
    .$if(environment !== undefined, query => query.where('environment', '=', environment ?? ''))
    .$if(release !== undefined, query => query.where('release', '=', release ?? ''))
    .$if(phase !== undefined, query => query.where('phase', '=', phase ?? ''))
    .orderBy('position', 'desc')
    .limit(range.rows)
    .execute()
  return toPage({ list: 'promotions', page, rows, read: row => readPromotion(row) })
}

export async function nextPromotionNumber(db: Kysely<Tables>, environment: string): Promise<number> {
  const row = await db
    .selectFrom('promotions')
    .select('number')
    .where('environment', '=', environment)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  return (row?.number ?? 0) + 1
}

function promotionRow(promotion: Promotion): Insertable<PromotionTable> {
  const { id, environment, release, state, dueAt, version } = promotion
  const number = id.startsWith(`${environment}-`) ? Number(id.slice(environment.length + 1)) : Number.NaN
  if (!Number.isSafeInteger(number) || number < 1)
    throw new Error(`'${id}' is no promotion of ${environment}`)
  return {
    id,
    environment,
    number,
    release,
    phase: state.phase,
    due_at: dueAt,
    version,
    value: toText(promotion),
  }
}

function readPromotion(row: StoredValue): Promotion {
  return JSON.parse(row.value)
}
