import type { Migration } from './migration.ts'

export const epochAndAnswers: Migration = {
  version: 2,
  name: 'epoch-and-answers',
  worksWith: 1,
  async up(transaction, dialect) {
    await transaction.schema
      .createTable('epoch')
      .addColumn('id', dialect.integer, column => column.primaryKey())
      .addColumn('epoch', dialect.integer, column => column.notNull())
      .modifyEnd(dialect.byKey)
      .execute()
    await transaction.insertInto('epoch').values({ id: 1, epoch: Date.now() }).execute()
    await transaction.schema
      .createTable('answers')
      .addColumn('token', dialect.text, column => column.notNull())
      .addColumn('key', dialect.text, column => column.notNull())
      .addColumn('request', dialect.text, column => column.notNull())
      .addColumn('at', dialect.integer, column => column.notNull())
      .addColumn('answer', dialect.text)
      .addPrimaryKeyConstraint('answers_key', ['token', 'key'])
      .execute()
    await transaction.schema.createIndex('answers_by_age').on('answers').column('at').execute()
  },
}
