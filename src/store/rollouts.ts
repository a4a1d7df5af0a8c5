import { type Insertable, type Kysely, sql } from 'kysely'
import type { OpenRollouts, Page, Paged, RolloutFilter } from '../engine/ports.ts'
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

/** From service to service in the index, past all of its rollouts but the first: there are many of each. */
export async function listServices(db: Kysely<Tables>, environment: string): Promise<readonly string[]> {
  const next = sql`select min(service) from rollouts where environment = ${environment}`
  const names = sql<{ service: string }>`(
    ${next} union all select (${next} and service > found.service) from found where found.service is not null)`
  const rows = await db
    .withRecursive('found(service)', () => names)
    .selectFrom('found')
    .select('service')
    .where('service', 'is not', null)
    .execute()
  return rows.map(({ service }) => service)
}

export async function countOpenRollouts(db: Kysely<Tables>): Promise<readonly OpenRollouts[]> {
  const rows = await db
    .selectFrom('rollouts')
    .select(['environment', 'phase', eb => eb.fn.countAll().as('count')])
    .where('phase', '<>', sql.lit('done'))
    .groupBy(['environment', 'phase'])
    .execute()
  return rows.map(({ environment, phase, count }) => ({
    environment,
    phase: phase as OpenRollouts['phase'],
    count: Number(count),
  }))
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
