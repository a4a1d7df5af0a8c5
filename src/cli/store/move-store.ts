import { randomUUID } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sql } from 'kysely'
import { statusOf, syncFolder } from '../../artifacts/disk.ts'
import { UserError } from '../../model/user-error.ts'
import { copyStore } from '../../store/copy-store.ts'
import type { Database } from '../../store/database.ts'
import { migrate } from '../../store/migrate.ts'
import { MIGRATIONS } from '../../store/migrations/all-migrations.ts'
import { openPreparedPostgres } from '../../store/postgres/open-postgres-store.ts'
import { closedOff, closeOff, reopen } from '../../store/sqlite/closed-off.ts'
import { openSqliteDatabase, ownFile } from '../../store/sqlite/open-sqlite-database.ts'
import type { Context } from '../context.ts'
import { personHere } from '../running/person.ts'
import type { Say } from '../terminal/progress.ts'
import { refuseRunningServer, type StorePlace, storePlace } from './store-place.ts'

export interface Moved {
  readonly from: string
  readonly to: string
  readonly events: number
  /** What to do now. */
  readonly next: string
}

/** How this process is called in the database: servers call themselves `sluice`. */
const NAME = 'sluice store migrate'

/** Copies the whole store and verifies the copy, then sees to it that nobody starts on the old one by mistake. */
export async function moveStore(
  context: Context,
  { to, say }: { readonly to: 'sqlite' | 'postgres'; readonly say: Say },
): Promise<Moved> {
  const place = await storePlace(context)
  await refuseRunningServer(place.stateFolder)
  const postgres = await openPostgres(place)
  try {
    return to === 'postgres'
      ? await toPostgres(context, { place, postgres, say })
      : await toSqlite(context, { place, postgres, say })
  } finally {
    await postgres.close()
  }
}

interface Moving {
  readonly place: StorePlace
  readonly postgres: Database
  readonly say: Say
}

async function openPostgres({ databaseUrl }: StorePlace): Promise<Database> {
  if (databaseUrl === undefined) {
    throw new UserError(
      'DATABASE_URL',
      'is not set',
      'set it to postgres://USER:PASSWORD@HOST:PORT/DATABASE in the environment: on a command line others could read it',
    )
  }
  const url = URL.parse(databaseUrl)
  url?.searchParams.set('application_name', NAME)
  return await openPreparedPostgres({ url: url?.href ?? databaseUrl })
}

async function toPostgres(context: Context, { place, postgres, say }: Moving): Promise<Moved> {
  const { file } = place
  if ((await statusOf(file)) === undefined)
    throw new UserError(
      file,
      'there is no store',
      'set DATABASE_URL and run `sluice up`: it makes an empty one there',
    )
  const sqlite = openSqliteDatabase(file)
  try {
    await migrate(sqlite, MIGRATIONS)
    const events = await copy(context, { from: sqlite, to: postgres, say })
    const at = new Date(context.now()).toISOString()
    closeOff(file, {
      what: `was moved to PostgreSQL, ${postgres.name}, at ${at}; what is here is out of date`,
      remedy: 'set DATABASE_URL; to come back: `sluice store migrate --from postgres --to sqlite`',
    })
    const next =
      'Next: `sluice up` with DATABASE_URL in its environment. The old file stays, and no server starts on it.'
    return { from: file, to: postgres.name, events, next }
  } finally {
    await sqlite.close()
  }
}

async function toSqlite(context: Context, { place, postgres, say }: Moving): Promise<Moved> {
  const { file } = place
  await refuseServersOf(postgres)
  const letGo = ownFile(file)
  const fresh = `${file}.${randomUUID()}`
  try {
    if ((await statusOf(file)) !== undefined && closedOff(file) === undefined)
      throw new UserError(file, 'there is a store already', 'move it away if it is not needed any more')
    const sqlite = openSqliteDatabase(fresh)
    let events = 0
    try {
      await migrate(sqlite, MIGRATIONS)
      events = await copy(context, { from: postgres, to: sqlite, say })
    } finally {
      await sqlite.close()
    }
    await putInPlace(file, { fresh, aside: `${file}.until-${stampOf(context)}` })
    const next = `Next: unset DATABASE_URL for \`sluice up\`: ${postgres.name} stays as it is, out of date from now on.`
    return { from: postgres.name, to: file, events, next }
  } finally {
    for (const part of ['', '.lock', '.owner']) await rm(`${fresh}${part}`, { force: true })
    letGo()
  }
}

/** The note that closed the old file off goes last: until then nobody starts here. */
async function putInPlace(
  file: string,
  { fresh, aside }: { readonly fresh: string; readonly aside: string },
): Promise<void> {
  for (const part of ['', '-wal']) {
    if ((await statusOf(`${file}${part}`)) !== undefined) await rename(`${file}${part}`, `${aside}${part}`)
  }
  await rename(fresh, file)
  await syncFolder(dirname(file))
  reopen(file)
}

const stampOf = ({ now }: Context): string => new Date(now()).toISOString().replaceAll(/[:.]/g, '-')

/** They would go on recording where nobody looks any more. */
async function refuseServersOf({ name, kysely }: Database): Promise<void> {
  const { rows } = await sql<{ readonly sessions: number }>`select count(*) as sessions from pg_stat_activity
    where datname = current_database() and application_name = 'sluice'`.execute(kysely)
  if ((rows[0]?.sessions ?? 0) === 0) return
  throw new UserError(name, 'servers work with it', 'stop all of them first')
}

async function copy(
  context: Context,
  { from, to, say }: { readonly from: Database; readonly to: Database; readonly say: Say },
): Promise<number> {
  const now = context.now()
  const actor = await personHere(context.folder)
  const message = `${actor} moved the store from ${from.name} to ${to.name}`
  return await copyStore({
    from,
    to,
    anew: { now, entry: { at: now, actor, kind: 'store.moved', message } },
    tell: (rows, ofRows) => say(`${Math.floor((100 * rows) / Math.max(1, ofRows))} %`),
  })
}
