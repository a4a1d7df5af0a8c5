import { type SqlBool, sql } from 'kysely'
import type { Migration } from './migration.ts'

/** Thousands of rollouts stay due while their promotion is worked on: what is due is found promotion by promotion. */
export const dueByPromotion: Migration = {
  version: 4,
  name: 'due-by-promotion',
  worksWith: 3,
  async up(transaction) {
    await transaction.schema
      .createIndex('rollouts_due_by_promotion')
      .on('rollouts')
      .columns(['promotion', 'due_at'])
      .where(sql<SqlBool>`due_at is not null`)
      .execute()
    await transaction.schema.dropIndex('rollouts_due').execute()
  },
}
