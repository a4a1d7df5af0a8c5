import type { Kysely } from 'kysely'
import type { Page, Paged } from '../engine/ports.ts'
import type { ReleaseId } from '../model/release.ts'
import type { Approval, Check } from '../model/review.ts'
import { nameRange, pageRange, toNamedPage, toPage } from './page-cursor.ts'
import { amended, type StoredValue, toText } from './stored-value.ts'
import type { Tables } from './tables.ts'

/** A later report of the same name replaces an earlier one. */
export async function keepCheck(db: Kysely<Tables>, check: Check): Promise<void> {
  await db
    .insertInto('checks')
    .values({ release: check.release, name: check.name, value: toText(check) })
    .onConflict(conflict => conflict.columns(['release', 'name']).doUpdateSet({ value: toText(check) }))
    .execute()
}

/** By name. */
export async function listChecks(db: Kysely<Tables>, release: ReleaseId): Promise<readonly Check[]> {
  const rows = await db
    .selectFrom('checks')
    .select('value')
    .where('release', '=', release)
    .orderBy('name')
    .execute()
  return rows.map(row => readCheck(row))
}

/** By name. */
export async function pageOfChecks(
  db: Kysely<Tables>,
  release: ReleaseId,
  page: Page,
): Promise<Paged<Check>> {
  const range = nameRange('checks', page)
  const rows = await db
    .selectFrom('checks')
    .select('value')
    .where('release', '=', release)
    .where('name', '>', range.after)
    .orderBy('name')
    .limit(range.rows)
    .execute()
  return toNamedPage('checks', page, rows.map(readCheck))
}

/** An approval that is already kept can only be withdrawn. */
export async function keepApproval(db: Kysely<Tables>, approval: Approval): Promise<void> {
  const stored = await findApproval(db, approval.id)
  const value = toText(stored === undefined ? approval : amended(stored, approval, ['withdrawnAt']))
  await db
    .insertInto('approvals')
    .values({ id: approval.id, release: approval.release, value })
    .onConflict(conflict => conflict.column('id').doUpdateSet({ value }))
    .execute()
}

export async function findApproval(db: Kysely<Tables>, id: string): Promise<Approval | undefined> {
  const row = await db.selectFrom('approvals').select('value').where('id', '=', id).executeTakeFirst()
  return row && readApproval(row)
}

/** Oldest first. */
export async function listApprovals(db: Kysely<Tables>, release: ReleaseId): Promise<readonly Approval[]> {
  const rows = await db
    .selectFrom('approvals')
    .select('value')
    .where('release', '=', release)
    .orderBy('position')
    .execute()
  return rows.map(row => readApproval(row))
}

/** Newest first. */
export async function pageOfApprovals(
  db: Kysely<Tables>,
  release: ReleaseId,
  page: Page,
): Promise<Paged<Approval>> {
  const range = pageRange('approvals', page)
  const rows = await db
    .selectFrom('approvals')
    .select(['position', 'value'])
    .where('release', '=', release)
    .where('position', '<', range.before)
    .orderBy('position', 'desc')
    .limit(range.rows)
    .execute()
  return toPage({ list: 'approvals', page, rows, read: readApproval })
}

function readCheck(row: StoredValue): Check {
  return JSON.parse(row.value)
}

function readApproval(row: StoredValue): Approval {
  return JSON.parse(row.value)
}
