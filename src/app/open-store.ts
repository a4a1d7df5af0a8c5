import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '../engine/parts.ts'
import { StoreUnavailable } from '../engine/ports.ts'
import { openPostgresStore } from '../store/postgres/open-postgres-store.ts'
import { CLOCK_TOLERANCE_MILLISECONDS } from '../store/postgres/postgres-clock.ts'
import type { SqlStore } from '../store/sql-store.ts'
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts'

export interface OpenedStore {
  readonly store: SqlStore
  /** Names this server in leases. */
  readonly owner: string
  readonly leaseMilliseconds: number
  /** Other servers may work with the same store and the same folder. */
  readonly isShared: boolean
}

export interface StoreOptions {
  /** Of the embedded store. */
  readonly file: string
  /** Of PostgreSQL, instead of the embedded one. */
  readonly databaseUrl?: string
  readonly log: Log
  /** Ends the wait for a database that is away. */
  readonly signal: AbortSignal
}

/** After this long without a sign of life, others take over what a server did. */
const LEASE_MILLISECONDS = 10_000
/** The clocks of two servers may lie on either side of the database's. */
const DOUBT_MILLISECONDS = 2 * CLOCK_TOLERANCE_MILLISECONDS
const PATIENCE_SECONDS = 60
const BETWEEN_TRIES_MILLISECONDS = 500
const BETWEEN_LINES_SECONDS = 5

/** The store of this server: PostgreSQL where its address is given, else the embedded one. */
export async function openStore(options: StoreOptions): Promise<OpenedStore> {
  const { file, databaseUrl } = options
  if (databaseUrl === undefined) {
    const store = await openSqliteStore({ file })
    // The store lets in one process only, so whoever has it goes on with what the one before held.
    return { store, owner: 'embedded', leaseMilliseconds: LEASE_MILLISECONDS, isShared: false }
  }
  const store = await untilOpen(databaseUrl, options)
  return {
    store: inDoubt(store),
    owner: `${hostname()} ${process.pid} ${randomUUID()}`,
    leaseMilliseconds: LEASE_MILLISECONDS - DOUBT_MILLISECONDS,
    isShared: true,
  }
}

/** PostgreSQL may still be starting, or change over to another machine. */
async function untilOpen(url: string, { log, signal }: StoreOptions): Promise<SqlStore> {
  const began = performance.now()
  let lastLine = Number.NEGATIVE_INFINITY
  for (;;) {
    try {
      return await openPostgresStore({ url, tell: trouble => log.warn({}, trouble) })
    } catch (error) {
      const waited = (performance.now() - began) / 1000
      if (!(error instanceof StoreUnavailable) || waited > PATIENCE_SECONDS || signal.aborted) throw error
      if (waited - lastLine >= BETWEEN_LINES_SECONDS) {
        log.warn({ error: error.message, waitedSeconds: Math.round(waited) }, 'waiting for the database')
        lastLine = waited
      }
    }
    await pause(BETWEEN_TRIES_MILLISECONDS, undefined, { signal }).catch(() => undefined)
  }
}

/**
 * Others see leases that last longer than their holder counts on, by as much as two clocks may differ: while it is sure
 * of a lease, nobody else takes it.
 */
function inDoubt(store: SqlStore): SqlStore {
  return {
    ...store,
    claim: request =>
      store.claim({ ...request, leaseMilliseconds: request.leaseMilliseconds + DOUBT_MILLISECONDS }),
    renewLeases: (owner, now, leaseMilliseconds) =>
      store.renewLeases(owner, now, leaseMilliseconds + DOUBT_MILLISECONDS),
  }
}
