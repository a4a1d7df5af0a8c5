import { resolve } from 'node:path'
import { type Restored, restoreBackup } from '../../backup/restore-backup.ts'
import type { Database } from '../../store/database.ts'
import type { Context } from '../context.ts'
import { personHere } from '../running/person.ts'
import type { Say } from '../terminal/progress.ts'
import { refuseRunningServer, storePlace } from './store-place.ts'

/** Restores beside the blueprint here; the store into PostgreSQL where its address is given. */
export async function restoreHere(
  context: Context,
  o: { readonly file: string; readonly mayReplace: boolean; readonly keyFile?: string; readonly say: Say },
): Promise<Restored> {
  const { stateFolder, databaseUrl } = await storePlace(context)
  await refuseRunningServer(stateFolder)
  const database = databaseUrl === undefined ? undefined : await openPostgres(databaseUrl)
  try {
    return await restoreBackup({
      file: resolve(context.folder, o.file),
      stateFolder,
      mayReplace: o.mayReplace,
      actor: await personHere(context.folder),
      now: context.now(),
      signal: context.signal,
      tell: o.say,
      ...(database === undefined ? {} : { database }),
      ...(o.keyFile === undefined ? {} : { keyFile: resolve(context.folder, o.keyFile) }),
    })
  } finally {
    await database?.close()
  }
}

async function openPostgres(url: string): Promise<Database> {
  const { openPreparedPostgres } = await import('../../store/postgres/open-postgres-store.ts')
  return await openPreparedPostgres({ url })
}
