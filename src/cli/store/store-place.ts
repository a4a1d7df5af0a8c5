import { dirname, join } from 'node:path'
import { UserError } from '../../model/user-error.ts'
import { requireBlueprint } from '../blueprint-file.ts'
import { unproven } from '../commands/up.ts'
import type { Context } from '../context.ts'
import { type ServerState, serverState } from '../running/server-state.ts'

/** Where the blueprint here keeps its store. */
export interface StorePlace {
  /** `.sluice` beside the blueprint; maybe it is not there yet. */
  readonly stateFolder: string
  /** Of the embedded store. */
  readonly file: string
  /** Of PostgreSQL, which is used instead where it is given. */
  readonly databaseUrl?: string
}

export async function storePlace(context: Context): Promise<StorePlace> {
  const stateFolder = join(dirname(await requireBlueprint(context)), '.sluice')
  const databaseUrl = context.environment['DATABASE_URL'] ?? ''
  const place = { stateFolder, file: join(stateFolder, 'sluice.db') }
  return databaseUrl === '' ? place : { ...place, databaseUrl }
}

/** What is known of the server here, which may hang. */
export async function provenState(stateFolder: string): Promise<Exclude<ServerState['kind'], 'unproven'>> {
  const state = await serverState(stateFolder)
  if (state.kind === 'unproven') throw unproven(state.file)
  return state.kind
}

/** Nothing may be recorded while a store is put in another's place. */
export async function refuseRunningServer(stateFolder: string): Promise<void> {
  if ((await provenState(stateFolder)) !== 'running') return
  throw new UserError(
    stateFolder,
    'a server runs here',
    'stop it with `sluice down --keep-services`: users go on being served meanwhile',
  )
}
