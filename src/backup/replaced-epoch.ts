import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import type { Instant } from '../model/instant.ts'

/**
 * The epoch of the store that a backup is put in the place of; 0 where there is none, or none that can be read: it may be
 * damaged, and restored for that. Nothing of it is changed.
 */
export function replacedEpoch(file: string): Instant {
  if (!existsSync(file)) return 0
  try {
    const url = pathToFileURL(file)
    // No journal is looked at or made: the file is kept aside as it is.
    url.searchParams.set('immutable', '1')
    using database = new DatabaseSync(url, { readOnly: true })
    const row = database.prepare('select epoch from epoch where id = 1').get()
    return typeof row?.['epoch'] === 'number' ? row['epoch'] : 0
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR') return 0
    throw error
  }
}
