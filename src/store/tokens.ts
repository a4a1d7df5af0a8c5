import type { Kysely } from 'kysely'
import type { Page, Paged } from '../engine/ports.ts'
import type { Token } from '../model/review.ts'
import { pageRange, toPage } from './page-cursor.ts'
import { amended, type StoredValue, toText } from './stored-value.ts'
import type { Tables } from './tables.ts'

/** A token that is already kept can only be revoked. */
export async function keepToken(db: Kysely<Tables>, token: Token): Promise<void> {
  const row = await db.selectFrom('tokens').select('value').where('id', '=', token.id).executeTakeFirst()
  const value = toText(row ? amended(readToken(row), token, ['revokedAt']) : token)
  await db
    .insertInto('tokens')
    .values({ id: token.id, value })
    .onConflict(conflict => conflict.column('id').doUpdateSet({ value }))
    .execute()
}

/** Oldest first. */
export async function listTokens(db: Kysely<Tables>): Promise<readonly Token[]> {
  const rows = await db.selectFrom('tokens').select('value').orderBy('position').execute()
  return rows.map(row => readToken(row))
}

/** Newest first. */
export async function pageOfTokens(db: Kysely<Tables>, page: Page): Promise<Paged<Token>> {
  const range = pageRange('tokens', page)
  const rows = await db
    .selectFrom('tokens')
    .select(['position', 'value'])
    .where('position', '<', range.before)
    .orderBy('position', 'desc')
    .limit(range.rows)
    .execute()
  return toPage({ list: 'tokens', page, rows, read: readToken })
}

function readToken(row: StoredValue): Token {
  return JSON.parse(row.value)
}
