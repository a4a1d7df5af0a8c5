import type { Kysely } from 'kysely'
import type { Page, Paged } from '../engine/ports.ts'
import type { Release, ReleaseId } from '../model/release.ts'
import { releaseIdOf } from '../model/release-id.ts'
import { pageRange, toPage } from './page-cursor.ts'
import { type StoredValue, toText } from './stored-value.ts'
import type { Tables } from './tables.ts'

/** A release that is already kept stays as it was first written. */
export async function keepRelease(db: Kysely<Tables>, release: Release): Promise<void> {
  await db
    .insertInto('releases')
    .values({ id: release.id, value: toText(release) })
    .onConflict(conflict => conflict.column('id').doNothing())
    .execute()
}

export async function findRelease(db: Kysely<Tables>, id: ReleaseId): Promise<Release | undefined> {
  const row = await db.selectFrom('releases').select('value').where('id', '=', id).executeTakeFirst()
  if (row === undefined) return undefined
  const release = readRelease(row)
  if (release.id !== id) throw new Error(`release ${id} is damaged in the store: it holds ${release.id}`)
  return release
}

export async function listReleases(db: Kysely<Tables>, page: Page): Promise<Paged<Release>> {
  const range = pageRange('releases', page)
  const rows = await db
    .selectFrom('releases')
    .select(['position', 'value'])
    .where('position', '<', range.before)
    .orderBy('position', 'desc')
    .limit(range.rows)
    .execute()
  return toPage({ list: 'releases', page, rows, read: readRelease })
}

/** At most 3: enough to tell none, one and several apart. */
export async function releasesByPrefix(db: Kysely<Tables>, hex: string): Promise<readonly Release[]> {
  if (!/^[0-9a-f]{0,64}$/.test(hex)) return []
  const rows = await db
    .selectFrom('releases')
    .select('value')
    .where('id', '>=', `sha256:${hex}`)
    // `g` follows every hex digit.
    .where('id', '<', `sha256:${hex}g`)
    .orderBy('id')
    .limit(3)
    .execute()
  return rows.map(row => readRelease(row))
}

/** A release is its content: one that no longer hashes to its id must not be put to work. */
function readRelease(row: StoredValue): Release {
  const release: Release = JSON.parse(row.value)
  const actual = releaseIdOf(release)
  if (actual === release.id) return release
  throw new Error(`release ${release.id} is damaged in the store: its content hashes to ${actual}`)
}
