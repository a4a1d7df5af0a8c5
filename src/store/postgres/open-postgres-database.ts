import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely'
import pg from 'pg'
import type { Instant } from '../../model/instant.ts'
import { UserError } from '../../model/user-error.ts'
import { Announcements } from '../announcements.ts'
import type { Database } from '../database.ts'
import type { Tables } from '../tables.ts'
import { readPostgresAddress } from './postgres-address.ts'
import { refuseWrongClock } from './postgres-clock.ts'
import { PostgresDriver } from './postgres-driver.ts'
import { explainPostgresError } from './postgres-errors.ts'
import { askTime, followEvents } from './postgres-listener.ts'
import { postgresSchema } from './postgres-schema.ts'

export interface PostgresOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, as libpq writes it. */
  readonly url: string
  /** Told once when the database goes away, when it is back, and when the clocks drift apart. */
  readonly tell?: (trouble: string) => void
  /** This machine's clock; the system's unless given. */
  readonly now?: () => Instant
  /** For whoever copies a whole store: statements and transactions may take the time that they need. */
  readonly patient?: boolean
}

const CONNECTIONS = 10
const CONNECT_MILLISECONDS = 5000

const LIMITS = {
  /** Milliseconds that the database gives one statement, waiting for its turn included. */
  statement_timeout: 15_000,
  /** Later than the database would have given up: nobody answers any more. */
  query_timeout: 20_000,
  /** Shorter than a lease: a process that was stopped while it had its turn must not keep the others from theirs. */
  idle_in_transaction_session_timeout: 5000,
} as const

/**
 * Connects to a database that several servers may share; the tables are left to `migrate`. Fails with
 * `StoreUnavailable` where it does not answer, and with a `UserError` where a person has to mend something.
 */
export async function openPostgresDatabase(options: PostgresOptions): Promise<Database> {
  const { name, config } = readPostgresAddress(options.url)
  const now = options.now ?? Date.now
  const clientConfig: pg.ClientConfig = {
    ...config,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    keepAlive: true,
    ...(options.patient === true ? {} : LIMITS),
    types: { getTypeParser: parserOf },
  }
  await checkServer({ name, client: new pg.Client(clientConfig), now })
  const announcements = new Announcements()
  const wake = (): void => announcements.announce([])
  const pool = new pg.Pool({ ...clientConfig, max: CONNECTIONS })
  const driver = new PostgresDriver({ name, pool, onLostCommit: wake })
  const stopFollowing = await followEvents({
    name,
    newClient: () => new pg.Client({ ...clientConfig, query_timeout: CONNECT_MILLISECONDS }),
    now,
    // Its own events were given to the listeners as they were recorded.
    onEvents: backend => driver.owns(backend) || wake(),
    onReturn: wake,
    tell: options.tell ?? (() => undefined),
  })
  const kysely = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: db => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
  let closing: Promise<void> | undefined
  return {
    name,
    kysely,
    schema: postgresSchema,
    takeTurn: async transaction => void (await TURN.execute(transaction)),
    bytesOf: column => sql<Uint8Array>`convert_to(${column}, 'UTF8')`,
    announce: events => announcements.announce(events),
    listen: listener => announcements.listen(listener),
    close: () => (closing ??= Promise.all([stopFollowing(), driver.destroy()]).then(() => undefined)),
  }
}

/** One number a schema, and none that others would choose for a lock of theirs. */
const TURN = sql`select pg_advisory_xact_lock(hashtextextended('sluice takes turns in ' || current_schema(), 0))`

async function checkServer(o: {
  readonly name: string
  readonly client: pg.Client
  readonly now: () => Instant
}): Promise<void> {
  const { name, client, now } = o
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ readonly server_encoding: string }>('show server_encoding')
    const encoding = rows[0]?.server_encoding
    if (encoding !== 'UTF8')
      throw new UserError(name, `keeps text as ${encoding}`, 'create the database with the encoding UTF8')
    await refuseWrongClock(name, () => askTime(client), now)
  } catch (error) {
    throw explainPostgresError(name, error)
  } finally {
    client.connection.stream.destroy()
  }
}

/** Numbers come as text; all that are kept fit into one of JavaScript. */
function parserOf(...[type, format]: Parameters<typeof pg.types.getTypeParser>): unknown {
  return type === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(type, format)
}
