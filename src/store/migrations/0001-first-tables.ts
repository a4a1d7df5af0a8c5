import { type SqlBool, sql, type Transaction } from 'kysely'
import { GENESIS } from '../audit-chain.ts'
import type { Tables } from '../tables.ts'
import type { Migration, SchemaDialect } from './migration.ts'

export const firstTables: Migration = {
  version: 1,
  name: 'first-tables',
  worksWith: 1,
  async up(transaction, dialect) {
    await createReleases(transaction, dialect)
    await createReviews(transaction, dialect)
    await createPromotions(transaction, dialect)
    await createRollouts(transaction, dialect)
    await createLeases(transaction, dialect)
    await createAudit(transaction, dialect)
  },
}

function createKept(transaction: Transaction<Tables>, dialect: SchemaDialect, table: string) {
  return transaction.schema
    .createTable(table)
    .addColumn('position', dialect.position)
    .addColumn('id', dialect.text, column => column.notNull().unique())
    .addColumn('value', dialect.text, column => column.notNull())
}

async function createReleases(transaction: Transaction<Tables>, dialect: SchemaDialect) {
  await createKept(transaction, dialect, 'releases').execute()
}

async function createReviews(transaction: Transaction<Tables>, dialect: SchemaDialect) {
  await transaction.schema
    .createTable('checks')
    .addColumn('release', dialect.text, column => column.notNull())
    .addColumn('name', dialect.text, column => column.notNull())
    .addColumn('value', dialect.text, column => column.notNull())
    .addPrimaryKeyConstraint('checks_key', ['release', 'name'])
    .addForeignKeyConstraint('checks_release', ['release'], 'releases', ['id'], later)
    .execute()
  await createKept(transaction, dialect, 'approvals')
    .addColumn('release', dialect.text, column => column.notNull())
    .addForeignKeyConstraint('approvals_release', ['release'], 'releases', ['id'], later)
    .execute()
  await transaction.schema
    .createIndex('approvals_by_release')
    .on('approvals')
    .columns(['release', 'position'])
    .execute()
  await createKept(transaction, dialect, 'freezes').execute()
  await createKept(transaction, dialect, 'tokens').execute()
}

async function createPromotions(transaction: Transaction<Tables>, dialect: SchemaDialect) {
  await createKept(transaction, dialect, 'promotions')
    .addColumn('environment', dialect.text, column => column.notNull())
    .addColumn('number', dialect.integer, column => column.notNull())
    .addColumn('release', dialect.text, column => column.notNull())
    .addColumn('phase', dialect.text, column => column.notNull())
    .addColumn('due_at', dialect.integer)
    .addColumn('version', dialect.integer, column => column.notNull())
    .addForeignKeyConstraint('promotions_release', ['release'], 'releases', ['id'], later)
    .addUniqueConstraint('promotions_number', ['environment', 'number'])
    .execute()
  const { schema } = transaction
  await schema
    .createIndex('promotions_by_environment')
    .on('promotions')
    .columns(['environment', 'position'])
    .execute()
  await schema
    .createIndex('promotions_by_release')
    .on('promotions')
    .columns(['release', 'position'])
    .execute()
  await schema
    .createIndex('promotions_by_phase')
    .on('promotions')
    .columns(['phase', 'environment', 'position'])
    .execute()
  await schema.createIndex('promotions_due').on('promotions').column('due_at').where(isDue).execute()
}

async function createRollouts(transaction: Transaction<Tables>, dialect: SchemaDialect) {
  await createKept(transaction, dialect, 'rollouts')
    .addColumn('promotion', dialect.text, column => column.notNull())
    .addColumn('environment', dialect.text, column => column.notNull())
    .addColumn('service', dialect.text, column => column.notNull())
    .addColumn('phase', dialect.text, column => column.notNull())
    .addColumn('due_at', dialect.integer)
    .addColumn('version', dialect.integer, column => column.notNull())
    .addForeignKeyConstraint('rollouts_promotion', ['promotion'], 'promotions', ['id'], later)
    .execute()
  const { schema } = transaction
  await schema
    .createIndex('rollouts_by_promotion')
    .on('rollouts')
    .columns(['promotion', 'position'])
    .execute()
  await schema
    .createIndex('rollouts_by_service')
    .on('rollouts')
    .columns(['environment', 'service', 'position'])
    .execute()
  await schema.createIndex('rollouts_open').on('rollouts').column('position').where(isOpen).execute()
  await schema
    .createIndex('rollouts_open_by_service')
    .on('rollouts')
    .columns(['environment', 'service', 'position'])
    .where(isOpen)
    .execute()
  await schema.createIndex('rollouts_due').on('rollouts').column('due_at').where(isDue).execute()
}

async function createLeases(transaction: Transaction<Tables>, dialect: SchemaDialect) {
  await transaction.schema
    .createTable('leases')
    .addColumn('promotion', dialect.text, column => column.primaryKey())
    .addColumn('owner', dialect.text)
    .addColumn('fence', dialect.integer, column => column.notNull())
    .addColumn('expires_at', dialect.integer, column => column.notNull())
    .addForeignKeyConstraint('leases_promotion', ['promotion'], 'promotions', ['id'], later)
    .execute()
}

async function createAudit(transaction: Transaction<Tables>, dialect: SchemaDialect) {
  await transaction.schema
    .createTable('audit')
    .addColumn('sequence', dialect.integer, column => column.primaryKey())
    .addColumn('entry', dialect.text, column => column.notNull())
    .addColumn('previous', dialect.text, column => column.notNull())
    .addColumn('hash', dialect.text, column => column.notNull())
    .modifyEnd(dialect.byKey)
    .execute()
  await transaction.schema
    .createTable('audit_head')
    .addColumn('id', dialect.integer, column => column.primaryKey())
    .addColumn('sequence', dialect.integer, column => column.notNull())
    .addColumn('hash', dialect.text, column => column.notNull())
    .modifyEnd(dialect.byKey)
    .execute()
  await transaction.insertInto('audit_head').values({ id: 1, sequence: 0, hash: GENESIS }).execute()
  for (const statement of dialect.appendOnly('audit', 'sequence')) await statement.execute(transaction)
}

const isDue = sql<SqlBool>`due_at is not null`
const isOpen = sql<SqlBool>`phase <> 'done'`

/** Checked at the commit, so that one record may name its parts in any order. */
function later<B extends { deferrable(): B; initiallyDeferred(): B }>(constraint: B): B {
  return constraint.deferrable().initiallyDeferred()
}
