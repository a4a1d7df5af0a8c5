import * as fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { needsPostgres, type Postgres, startPostgres } from '../../../test/harness/postgres.ts'
import type { Store } from '../../engine/ports.ts'
import { chain } from '../audit-chain.ts'
import { auditHead } from '../audit-log.ts'
import type { Database } from '../database.ts'
import { migrate } from '../migrate.ts'
import { MIGRATIONS } from '../migrations/all-migrations.ts'
import { createSqlStore } from '../sql-store.ts'
import { anEntry } from '../store-fixtures.ts'
import { openPostgresDatabase } from './open-postgres-database.ts'

const EVENTS = 7
const COLUMNS = ['entry', 'previous', 'hash'] as const

describe.runIf(needsPostgres())('the audit log on PostgreSQL', () => {
  let postgres: Postgres
  let database: Database
  let store: Store

  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.end())
  beforeEach(async () => {
    database = await openPostgresDatabase({ url: await postgres.createDatabase() })
    await migrate(database, MIGRATIONS)
    store = createSqlStore(database)
    const messages = Array.from({ length: EVENTS }, (_, index) => `event ${index} \u{fffd} é e\u0301 ☃`)
    await store.record(
      [],
      messages.map(message => anEntry({ message, data: { weights: { blue: 80, green: 20 } } })),
    )
  })
  afterEach(() => store.close())

  it.each([
    `update audit set entry = '{}' where sequence = 1`,
    'delete from audit where sequence = 7',
    'truncate audit',
    `insert into audit values (9, '{}', '', '')`,
    `insert into audit values (7, '{}', '', '')`,
    `insert into audit values (7, '{}', '', '') on conflict (sequence) do update set entry = '{}'`,
    `insert into audit values (8, '{}', '', ''), (10, '{}', '', '')`,
  ])('refuses to %s', async statement => {
    await expect(run(statement)).rejects.toThrow('audit is only ever added to')
    expect(await store.verifyAudit()).toEqual({ events: EVENTS })
  })

  describe('when somebody got around the triggers', () => {
    beforeEach(() => run('alter table audit disable trigger user'))

    it('finds any changed character of any event', async () => {
      const places = fc.record({
        sequence: fc.integer({ min: 1, max: EVENTS }),
        column: fc.constantFrom(...COLUMNS),
        at: fc.nat({ max: 10_000 }),
        // Not U+0000, which PostgreSQL takes nowhere.
        character: fc.integer({ min: 1, max: 0x2fff }).map(code => String.fromCodePoint(code)),
      })
      await fc.assert(
        fc.asyncProperty(places, async ({ sequence, column, at, character }) => {
          const text = await read(sequence, column)
          const characters = Array.from(text)
          const place = at % characters.length
          fc.pre(characters[place] !== character)
          await write(sequence, column, characters.with(place, character).join(''))
          expect((await store.verifyAudit()).broken?.sequence).toBe(sequence)
          await write(sequence, column, text)
          expect(await store.verifyAudit()).toEqual({ events: EVENTS })
        }),
        { numRuns: 150 },
      )
    })

    it.each([
      ['white space added', `update audit set entry = entry || ' ' where sequence = 4`, 4],
      ['another way to write é', `update audit set entry = normalize(entry, NFD) where sequence = 4`, 4],
      ['an event taken out of the middle', 'delete from audit where sequence = 4', 4],
      ['the first event gone', 'delete from audit where sequence = 1', 1],
      ['the last event gone', 'delete from audit where sequence = 7', 7],
      ['all events gone', 'truncate audit', 1],
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

    it('finds an event added behind the recorded end, however well chained', async () => {
      const forged = chain(await auditHead(database.kysely), anEntry({ message: 'forged' }))
      await database.kysely.insertInto('audit').values(forged).execute()
      expect((await store.verifyAudit()).broken).toBeDefined()
    })
  })

  async function run(statement: string): Promise<void> {
    await sql.raw(statement).execute(database.kysely)
  }

  async function read(sequence: number, column: (typeof COLUMNS)[number]): Promise<string> {
    const row = await database.kysely
      .selectFrom('audit')
      .selectAll()
      .where('sequence', '=', sequence)
      .executeTakeFirstOrThrow()
    return row[column]
  }

  async function write(sequence: number, column: (typeof COLUMNS)[number], text: string): Promise<void> {
    await sql`update audit set ${sql.ref(column)} = ${text} where sequence = ${sequence}`.execute(
      database.kysely,
    )
  }
})
