import type { Transaction } from 'kysely'
import { toText } from '../stored-value.ts'
import type { Tables } from '../tables.ts'
import type { Migration } from './migration.ts'

export const rolloutNumbers: Migration = {
  version: 3,
  name: 'rollout-numbers',
  worksWith: 3,
  async up(transaction, dialect) {
    await transaction.schema
      .alterTable('rollouts')
      .addColumn('number', dialect.integer, column => column.notNull().defaultTo(0))
      .execute()
    await numberAll(transaction)
    await transaction.schema
      .createIndex('rollouts_number')
      .unique()
      .on('rollouts')
      .columns(['environment', 'service', 'number'])
      .execute()
  },
}

/** Rollouts that were kept before they had numbers get them in the order in which they were planned. */
async function numberAll(transaction: Transaction<Tables>): Promise<void> {
  const numbers = new Map<string, number>()
  const rows = await transaction
    .selectFrom('rollouts')
    .select(['position', 'value'])
    .orderBy('position')
    .execute()
  for (const { position, value } of rows) {
    const rollout = JSON.parse(value)
    const key = `${rollout.environment}/${rollout.service}`
    const number = (numbers.get(key) ?? 0) + 1
    numbers.set(key, number)
    await transaction
      .updateTable('rollouts')
      .set({ number, value: toText({ ...rollout, number }) })
      .where('position', '=', position)
      .execute()
  }
}
