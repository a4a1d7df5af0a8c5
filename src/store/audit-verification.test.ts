import * as fc from 'fast-check'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../engine/ports.ts'
import { chain } from './audit-chain.ts'
import { auditHead } from './audit-log.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import { MIGRATIONS } from './migrations/all-migrations.ts'
import { createSqlStore } from './sql-store.ts'
import { openMemoryDatabase } from './sqlite/open-sqlite-database.ts'
import { anEntry } from './store-fixtures.ts'

const EVENTS = 7
const COLUMNS = ['entry', 'previous', 'hash'] as const

let database: Database
let store: Store

beforeEach(async () => {
  database = openMemoryDatabase()
  await migrate(database, MIGRATIONS)
  store = createSqlStore(database)
  // U+FFFD is what a decoder makes of broken bytes, so these could hide a change from one.
  const messages = Array.from({ length: EVENTS }, (_, index) => `event ${index} \u{fffd}\u{fffd} é ☃`)
  await store.record(
    [],
    messages.map(message =>
      anEntry({ message, environment: 'prod', data: { weights: { blue: 80, green: 20 } } }),
    ),
  )
})
afterEach(() => store.close())

describe('with the triggers that guard the log', () => {
  it.each([
    `update audit set entry = '{}' where sequence = 1`,
    'delete from audit where sequence = 7',
    `insert into audit values (9, '{}', '', '')`,
    `insert into audit values (7, '{}', '', '')`,
    `insert or replace into audit values (7, '{}', '', '')`,
  ])('refuses to %s', async statement => {
    await expect(run(statement)).rejects.toThrow('audit is only ever added to')
    expect(await store.verifyAudit()).toEqual({ events: EVENTS })
  })
})

describe('when somebody got around the triggers', () => {
  beforeEach(async () => {
    for (const when of ['insert', 'update', 'delete']) await run(`drop trigger audit_no_${when}`)
  })

  it('finds any changed byte of any event', async () => {
    const places = fc.record({
      sequence: fc.integer({ min: 1, max: EVENTS }),
      column: fc.constantFrom(...COLUMNS),
      at: fc.nat({ max: 10_000 }),
      mask: fc.integer({ min: 1, max: 255 }),
    })
    await fc.assert(
      fc.asyncProperty(places, async place => {
        const bytes = await readBytes(place)
        const changed = Uint8Array.from(bytes)
        const at = place.at % changed.length
        changed[at] = (changed[at] ?? 0) ^ place.mask
        await writeBytes(place, changed)
        expect((await store.verifyAudit()).broken?.sequence).toBe(place.sequence)
        await writeBytes(place, bytes)
        expect(await store.verifyAudit()).toEqual({ events: EVENTS })
      }),
      { numRuns: 400 },
    )
  })

  it('finds bytes that no decoder tells apart', async () => {
    const place = { sequence: 3, column: 'entry' } as const
    const bytes = Buffer.from(await readBytes(place))
    const replacement = Buffer.from('\u{fffd}')
    const at = bytes.indexOf(replacement)
    const rest = bytes.subarray(at + replacement.length)
    await writeBytes(place, Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), rest]))
    expect((await store.events(2, 1))[0]?.message).toBe('event 2 \u{fffd}\u{fffd} é ☃')
    expect((await store.verifyAudit()).broken?.sequence).toBe(3)
  })

  it.each([
    ['white space added', `update audit set entry = entry || ' ' where sequence = 4`, 4],
    ['an event taken out of the middle', 'delete from audit where sequence = 4', 4],
    ['the first event gone', 'delete from audit where sequence = 1', 1],
    ['the last event gone', 'delete from audit where sequence = 7', 7],
    ['all events gone', 'delete from audit', 1],
    ['an event renumbered', 'update audit set sequence = 70 where sequence = 7', 7],
    ['a number made negative', 'update audit set sequence = -sequence where sequence = 1', 1],
    ['the end moved back', 'update audit_head set sequence = 6', 8],
    ['the end moved on', 'update audit_head set sequence = 8', 8],
    ['another hash at the end', `update audit_head set hash = replace(hash, 'a', 'b')`, 8],
    ['the end forgotten', 'delete from audit_head', 8],
  ])('finds %s', async (_what, statement, sequence) => {
    await run(statement)
    expect((await store.verifyAudit()).broken?.sequence).toBe(sequence)
  })

  it('finds two events that changed places', async () => {
    await run('update audit set sequence = -2 where sequence = 2')
    await run('update audit set sequence = 2 where sequence = 3')
    await run('update audit set sequence = 3 where sequence = -2')
    expect((await store.verifyAudit()).broken?.sequence).toBe(2)
  })

  it('finds an event added behind the recorded end, however well chained', async () => {
    const forged = chain(await auditHead(database.kysely), anEntry({ message: 'forged' }))
    await database.kysely.insertInto('audit').values(forged).execute()
    expect((await store.verifyAudit()).broken).toBeDefined()
  })
})

interface Place {
  readonly sequence: number
  readonly column: (typeof COLUMNS)[number]
}

async function run(statement: string): Promise<void> {
  await sql.raw(statement).execute(database.kysely)
}

async function readBytes({ sequence, column }: Place): Promise<Uint8Array> {
  const { bytes } = await database.kysely
    .selectFrom('audit')
    .select(eb => database.bytesOf(eb.ref(column)).as('bytes'))
    .where('sequence', '=', sequence)
    .executeTakeFirstOrThrow()
  return bytes
}

async function writeBytes({ sequence, column }: Place, bytes: Uint8Array): Promise<void> {
  const query = sql`update audit set ${sql.ref(column)} = cast(${bytes} as text) where sequence = ${sequence}`
  await query.execute(database.kysely)
}
