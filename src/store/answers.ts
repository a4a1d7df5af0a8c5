import type { Kysely } from 'kysely'
import type { AnswerKey, KeyedRequest, Reservation } from '../engine/ports.ts'
import type { Instant } from '../model/instant.ts'
import type { Tables } from './tables.ts'

/** Whoever inserts the row has the key: databases let exactly one of many do it. */
export async function reserveAnswer(
  db: Kysely<Tables>,
  { token, key, request, at }: KeyedRequest,
  forgetUntil: Instant,
): Promise<Reservation> {
  await db
    .deleteFrom('answers')
    .where('token', '=', token)
    .where('key', '=', key)
    .where('at', '<=', forgetUntil)
    .execute()
  for (;;) {
    const inserted = await db
      .insertInto('answers')
      .values({ token, key, request, at, answer: null })
      .onConflict(conflict => conflict.columns(['token', 'key']).doNothing())
      .executeTakeFirst()
    if (inserted.numInsertedOrUpdatedRows === 1n) return { kind: 'reserved' }
    const row = await findAnswer(db, { token, key })
    // Given back in between.
    if (row === undefined) continue
    if (row.request !== request) return { kind: 'other' }
    return row.answer === null ? { kind: 'begun', at: row.at } : { kind: 'answered', answer: row.answer }
  }
}

export async function keepAnswer(
  db: Kysely<Tables>,
  { token, key }: AnswerKey,
  answer: string,
): Promise<void> {
  await db
    .updateTable('answers')
    .set({ answer })
    .where('token', '=', token)
    .where('key', '=', key)
    .where('answer', 'is', null)
    .execute()
}

/** One that was answered stays. */
export async function dropAnswer(db: Kysely<Tables>, { token, key }: AnswerKey): Promise<void> {
  await db
    .deleteFrom('answers')
    .where('token', '=', token)
    .where('key', '=', key)
    .where('answer', 'is', null)
    .execute()
}

export async function forgetAnswers(db: Kysely<Tables>, until: Instant): Promise<void> {
  await db.deleteFrom('answers').where('at', '<=', until).execute()
}

function findAnswer(db: Kysely<Tables>, { token, key }: AnswerKey) {
  return db
    .selectFrom('answers')
    .select(['request', 'at', 'answer'])
    .where('token', '=', token)
    .where('key', '=', key)
    .executeTakeFirst()
}
