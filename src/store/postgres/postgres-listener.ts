import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from 'pg'
import type { Instant } from '../../model/instant.ts'
import { EVENTS_CHANNEL } from './events-channel.ts'
import { type ClockReading, inWords, isWrong, readClock } from './postgres-clock.ts'
import { explainPostgresError } from './postgres-errors.ts'

const FIRST_PAUSE_MILLISECONDS = 100
const LONGEST_PAUSE_MILLISECONDS = 2000
/** A connection can be dead without a word; this is how often it is asked. */
const PULSE_MILLISECONDS = 5000

export interface ListenerParts {
  /** Of the database, in what is told. */
  readonly name: string
  /** A client that has not connected yet. */
  readonly newClient: () => Client
  readonly now: () => Instant
  /** Somebody's process recorded events; `backend` is the process of PostgreSQL that worked for it. */
  readonly onEvents: (backend: number) => void
  /** The connection is back: anything may have been recorded meanwhile. */
  readonly onReturn: () => void
  /** Says that the database went away, is back, or that the clocks differ: once each time. */
  readonly tell: (trouble: string) => void
}

/** Follows what others record, on a connection of its own; resolves once it hears. Returns how to stop. */
export async function followEvents(parts: ListenerParts): Promise<() => Promise<void>> {
  const stopping = new AbortController()
  const first = await connect(parts)
  const following = follow(parts, first, stopping.signal)
  return async () => {
    stopping.abort()
    await following
  }
}

interface Connection {
  readonly client: Client
  /** Resolves when it is gone, with the reason where there is one. */
  readonly gone: Promise<Error | undefined>
}

async function connect(parts: ListenerParts): Promise<Connection> {
  const client = parts.newClient()
  const gone = new Promise<Error | undefined>(resolve => {
    client.on('error', resolve)
    client.on('end', () => resolve(undefined))
  })
  client.on('notification', ({ processId }) => parts.onEvents(processId))
  try {
    await client.connect()
    await client.query(`listen ${EVENTS_CHANNEL}`)
    return { client, gone }
  } catch (error) {
    close(client)
    throw explainPostgresError(parts.name, error)
  }
}

/** Keeps a connection until stopped, and calls `onReturn` after each time that there was none. */
async function follow(parts: ListenerParts, first: Connection, signal: AbortSignal): Promise<void> {
  let connection: Connection | undefined = first
  while (connection !== undefined) {
    const reason = await untilGone(parts, connection, signal)
    close(connection.client)
    if (signal.aborted) return
    const since = performance.now()
    parts.tell(`${parts.name} went away (${reason}); what needs it waits until it is back`)
    connection = await untilBack(parts, signal)
    if (connection === undefined) return
    parts.tell(`${parts.name} is back after ${((performance.now() - since) / 1000).toFixed(1)} s`)
    parts.onReturn()
  }
}

/** The reason in words. */
async function untilGone(parts: ListenerParts, connection: Connection, signal: AbortSignal): Promise<string> {
  const ended = new AbortController()
  const beating = keepPulse(parts, connection.client, AbortSignal.any([ended.signal, signal]))
  const reason = await Promise.race([connection.gone, beating])
  ended.abort()
  return reason?.message ?? 'the connection was closed'
}

/** Asks for the time again and again until there is no answer or it is aborted. */
async function keepPulse(
  parts: ListenerParts,
  client: Client,
  signal: AbortSignal,
): Promise<Error | undefined> {
  let wasWrong = false
  while (await slept(PULSE_MILLISECONDS, signal)) {
    let reading: ClockReading
    try {
      reading = await readClock(() => askTime(client), parts.now)
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
    if (isWrong(reading) && !wasWrong) parts.tell(`${parts.name}: ${inWords(reading)}; set both by NTP`)
    wasWrong = isWrong(reading)
  }
  return undefined
}

async function untilBack(parts: ListenerParts, signal: AbortSignal): Promise<Connection | undefined> {
  let milliseconds = FIRST_PAUSE_MILLISECONDS
  while (await slept(milliseconds, signal)) {
    // Told already: the reason may change while it is away, and is of no more use.
    const connection = await connect(parts).catch(() => undefined)
    if (connection !== undefined) return connection
    milliseconds = Math.min(milliseconds * 2, LONGEST_PAUSE_MILLISECONDS)
  }
  return undefined
}

/** In unix milliseconds. */
export async function askTime(client: Pick<Client, 'query'>): Promise<Instant> {
  const query = 'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now'
  const { rows } = await client.query<{ readonly now: Instant }>(query)
  const [row] = rows
  if (row === undefined) throw new Error('PostgreSQL did not tell the time')
  return row.now
}

/** At once: saying goodbye to a database that hangs would wait for it. */
function close(client: Client): void {
  client.connection.stream.destroy()
}

/** False when it was aborted. */
async function slept(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return await pause(milliseconds, true, { signal }).catch(() => false)
}
