import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startCuttingProxy } from '../../../test/harness/cutting-proxy.ts'
import { eventually } from '../../../test/harness/eventually.ts'
import { needsPostgres, type Postgres, startPostgres } from '../../../test/harness/postgres.ts'
import type { Store } from '../../engine/ports.ts'
import type { AuditEvent } from '../../model/audit-event.ts'
import { UserError } from '../../model/user-error.ts'
import { appendEntries } from '../audit-log.ts'
import { StoreUnavailable } from '../database.ts'
import { migrate } from '../migrate.ts'
import { MIGRATIONS } from '../migrations/all-migrations.ts'
import type { Migration } from '../migrations/migration.ts'
import { aCheck, aFreeze, anEntry, aPromotion, aRelease, aToken } from '../store-fixtures.ts'
import { openPostgresDatabase } from './open-postgres-database.ts'
import { openPostgresStore } from './open-postgres-store.ts'

describe.runIf(needsPostgres())('PostgreSQL', () => {
  let postgres: Postgres
  let url: string
  let opened: Store[]
  const open = async (options: Partial<Parameters<typeof openPostgresStore>[0]> = {}): Promise<Store> => {
    const store = await openPostgresStore({ url, ...options })
    opened.push(store)
    return store
  }

  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.end())
  beforeEach(async () => {
    opened = []
    url = await postgres.createDatabase()
  })
  afterEach(() => Promise.all(opened.map(store => store.close())))

  describe('shared by several', () => {
    it('lets many open an empty database at once, and makes the tables once', async () => {
      const stores = await Promise.all(Array.from({ length: 5 }, () => open()))
      for (const store of stores) expect(await store.verifyAudit()).toEqual({ events: 0 })
      const versions = await postgres.query(url, 'select version from schema_versions order by version')
      expect(versions).toEqual(MIGRATIONS.map(({ version }) => ({ version: String(version) })))
    })

    it('keeps one chain while many record', async () => {
      const stores = await Promise.all([open(), open(), open()])
      const records = stores.flatMap(store =>
        Array.from({ length: 20 }, () => store.record([], [anEntry(), anEntry()])),
      )
      expect(new Set(await Promise.all(records))).toEqual(new Set(['recorded']))
      expect(await stores[0]?.verifyAudit()).toEqual({ events: 120 })
    })

    it('gives what is due to one of all who ask at once', async () => {
      const stores = await Promise.all([open(), open(), open()])
      const release = aRelease()
      await stores[0]?.record([{ kind: 'release', value: release }], [])
      const changes = Array.from({ length: 6 }, (_, index) => ({
        kind: 'promotion' as const,
        value: aPromotion(release, { id: `prod-${index + 1}`, dueAt: 1 }),
      }))
      await stores[0]?.record(changes, [])
      const leases = await Promise.all(
        [...stores, ...stores, ...stores].map((store, index) =>
          store.claim({ owner: `owner ${index}`, now: 2, leaseMilliseconds: 100, except: [] }),
        ),
      )
      const promotions = leases.flatMap(lease => lease?.promotion ?? [])
      expect(promotions.toSorted()).toEqual(changes.map(({ value }) => value.id))
    })

    it('wakes listeners of the others, and tells its own once, with the events', async () => {
      const [one, two] = [await open(), await open()]
      const told: (readonly AuditEvent[])[][] = [[], []]
      one.onRecorded(events => told[0]?.push(events))
      two.onRecorded(events => told[1]?.push(events))
      for (let count = 0; count < 20; count += 1) await one.record([], [anEntry()])
      await two.record([], [anEntry()])
      await expect.poll(() => told[0]?.length).toBe(21)
      await expect.poll(() => told[1]?.length).toBe(21)
      expect(told[0]?.map(events => events.length)).toEqual([...Array(20).fill(1), 0])
      expect(told[1]?.filter(events => events.length > 0)).toHaveLength(1)
    })

    it('lets the others go on when one stops in the middle of its turn', async () => {
      const store = await open()
      const stopped = await openPostgresDatabase({ url })
      const { promise: hasItsTurn, resolve: tellTurn } = Promise.withResolvers<void>()
      const { promise: goesOn, resolve: goOn } = Promise.withResolvers<void>()
      const late = stopped.kysely.transaction().execute(async transaction => {
        await stopped.takeTurn(transaction)
        tellTurn()
        await goesOn
        await appendEntries(transaction, [anEntry()])
      })
      await hasItsTurn
      expect(await store.record([], [anEntry()])).toBe('recorded')
      goOn()
      await expect(late).rejects.toThrow(StoreUnavailable)
      expect(await store.verifyAudit()).toEqual({ events: 1 })
      await stopped.close()
    })
  })

  describe('texts and numbers', () => {
    it('keeps characters of every kind as they are', async () => {
      const store = await open()
      const release = aRelease()
      const odd = 'NUL \u0000, half a pair \ud83d, quotes \' " \\, ☃ and \u{1f600}'
      await store.record([{ kind: 'release', value: release }], [anEntry({ message: odd })])
      await store.record([{ kind: 'freeze', value: aFreeze({ reason: odd }) }], [])
      expect((await store.freezes())[0]?.reason).toBe(odd)
      expect((await store.events(0, 1))[0]?.message).toBe(odd)
      expect(await store.verifyAudit()).toEqual({ events: 1 })
    })

    it('says that a name with U+0000 cannot be kept', async () => {
      const store = await open()
      const refused = store.record([{ kind: 'token', value: aToken({ id: 'a\u0000b' }) }], [])
      await expect(refused).rejects.toThrow(/cannot keep a text with the character U\+0000; leave it out/)
    })

    it('orders names by their bytes, whatever the language of the database', async () => {
      const store = await open()
      const release = aRelease()
      const names = ['a', 'B', 'ä', '_', 'A', 'b', '-']
      await store.record(
        [
          { kind: 'release', value: release },
          ...names.map(name => ({ kind: 'check' as const, value: aCheck(release, { name }) })),
        ],
        [],
      )
      const bytewise = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      expect((await store.checks(release.id)).map(({ name }) => name)).toEqual(bytewise)
    })
  })

  describe('migrations', () => {
    const aMigration = (version: number, worksWith = version): Migration => ({
      version,
      name: `table ${version}`,
      worksWith,
      up: transaction =>
        transaction.schema.createTable(`table_${version}`).addColumn('id', 'integer').execute(),
    })

    it('go on with tables that a newer program made for both, and refuse others', async () => {
      const database = await openPostgresDatabase({ url })
      await migrate(database, [aMigration(1), aMigration(2, 1)])
      await migrate(database, [aMigration(1)])
      await migrate(database, [aMigration(1), aMigration(2, 1), aMigration(3)])
      await expect(migrate(database, [aMigration(1)])).rejects.toThrow('tables of version 3')
      await database.close()
    })

    it('apply all or nothing', async () => {
      const database = await openPostgresDatabase({ url })
      const failing: Migration = { ...aMigration(2), up: () => Promise.reject(new Error('no')) }
      await expect(migrate(database, [aMigration(1), failing])).rejects.toThrow('no')
      expect(await database.kysely.introspection.getTables()).toEqual([])
      await database.close()
    })
  })

  describe('when it cannot be opened', () => {
    it.each([
      [
        'a wrong password',
        (address: URL): void => void (address.password = 'hunter2'),
        UserError,
        'user and password',
      ],
      [
        'an unknown database',
        (address: URL): void => void (address.pathname = '/none'),
        UserError,
        'does not exist',
      ],
      ['nobody there', (address: URL): void => void (address.port = '1'), StoreUnavailable, 'ECONNREFUSED'],
      [
        'no TLS there',
        (address: URL): void => address.searchParams.set('sslmode', 'require'),
        UserError,
        'does not speak TLS',
      ],
    ] as const)('says what is wrong with %s, and no password', async (_what, change, kind, words) => {
      const address = new URL(url)
      change(address)
      const refusal: unknown = await openPostgresStore({ url: address.href }).catch((error: unknown) => error)
      expect(refusal).toBeInstanceOf(kind)
      expect(String(refusal)).toContain(words)
      expect(String(refusal)).not.toContain(address.password)
    })

    it('refuses a database that cannot keep every character', async () => {
      await postgres.query(url, `create database latin encoding 'LATIN1' locale 'C' template template0`)
      const latin = new URL(url)
      latin.pathname = '/latin'
      await expect(openPostgresStore({ url: latin.href })).rejects.toThrow(/keeps text as LATIN1/)
    })

    it('leaves a database alone that holds something else', async () => {
      await postgres.query(url, 'create table customers (id int)')
      await expect(openPostgresStore({ url })).rejects.toThrow(
        /holds tables of something else, such as customers/,
      )
      await postgres.query(url, 'create schema sluice')
      const own = new URL(url)
      own.searchParams.set('options', '-csearch_path=sluice')
      const store = await open({ url: own.href })
      expect(await store.record([], [anEntry()])).toBe('recorded')
      expect(await postgres.query(url, 'select sequence from sluice.audit')).toHaveLength(1)
    })

    it.each([5000, -5000])('refuses to work with a clock that is %d ms ahead', async milliseconds => {
      const refused = openPostgresStore({ url, now: () => Date.now() + milliseconds })
      await expect(refused).rejects.toThrow(/the clock here is 5\.0 s .* the database's, .*NTP/)
    })
  })

  it('tells once when the clocks drift apart', async () => {
    const told: string[] = []
    let ahead = 0
    await open({ tell: trouble => told.push(trouble), now: () => Date.now() + ahead })
    ahead = 3000
    await expect.poll(() => told, { timeout: 20_000 }).toHaveLength(1)
    expect(told[0]).toMatch(/the clock here is 3\.0 s ahead of the database's, .*NTP/)
  })

  describe('when it goes away', () => {
    it('says so at once, tells once that it went and came back, and wakes its listeners', async () => {
      const told: string[] = []
      const store = await open({ tell: trouble => told.push(trouble) })
      await store.record([], [anEntry()])
      let calls = 0
      store.onRecorded(() => {
        calls += 1
      })
      await postgres.stop('fast')
      for (let tries = 0; tries < 20; tries += 1) {
        await expect(store.record([], [anEntry()])).rejects.toThrow(StoreUnavailable)
        await expect(store.lastSequence()).rejects.toThrow(/can not be reached|is being shut down/)
      }
      expect(calls).toBe(0)
      await postgres.start()
      await expect.poll(() => calls, { timeout: 10_000 }).toBeGreaterThan(0)
      expect(await store.record([], [anEntry()])).toBe('recorded')
      expect(told).toEqual([
        expect.stringMatching(/went away \(.*\); what needs it waits/),
        expect.stringMatching(/is back after \d+\.\d s/),
      ])
      expect(await store.verifyAudit()).toEqual({ events: 2 })
    })

    it('loses nothing that it said was recorded when it crashes while many record', async () => {
      const store = await open()
      let recorded = 0
      const unknown: unknown[] = []
      const writers = Array.from({ length: 6 }, async () => {
        for (;;) {
          try {
            await store.record([], [anEntry()])
            recorded += 1
          } catch (error) {
            expect(error).toBeInstanceOf(StoreUnavailable)
            if (error instanceof StoreUnavailable && error.outcome === 'unknown') unknown.push(error)
            return
          }
        }
      })
      await eventually('there is something to lose', () => recorded > 100)
      await postgres.stop('immediate')
      await Promise.all(writers)
      await postgres.start()
      const { events, broken } = await eventually('it is back', () => store.verifyAudit())
      expect(broken).toBeUndefined()
      expect(events).toBeGreaterThanOrEqual(recorded)
      expect(events).toBeLessThanOrEqual(recorded + unknown.length)
    })

    it('does not keep a process from ending when it hangs', async () => {
      const store = await openPostgresStore({ url })
      const sessions = await postgres.query<{ readonly pid: number }>(
        url,
        'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      )
      for (const { pid } of sessions) process.kill(pid, 'SIGSTOP')
      try {
        const asked = expect(store.lastSequence()).rejects.toThrow(StoreUnavailable)
        await store.close()
        await asked
      } finally {
        for (const { pid } of sessions) process.kill(pid, 'SIGCONT')
      }
    })
  })

  describe('when a connection breaks in a commit', () => {
    it.each([
      ['after', 1],
      ['before', 0],
    ] as const)('claims neither and wakes the listeners: %s it arrived', async (when, kept) => {
      const proxy = await startCuttingProxy(Number(new URL(url).port))
      const through = new URL(url)
      through.port = String(proxy.port)
      const store = await open({ url: through.href })
      const seen: Promise<number>[] = []
      store.onRecorded(events => seen.push(events.length === 0 ? store.lastSequence() : Promise.resolve(-1)))
      proxy.cutAt('commit\u0000', when)
      const failure = await store.record([], [anEntry()]).catch((error: unknown) => error)
      expect(failure).toMatchObject({ name: 'StoreUnavailable', outcome: 'unknown' })
      await expect.poll(async () => Math.max(-1, ...(await Promise.all(seen)))).toBe(kept)
      expect(await store.record([], [anEntry()])).toBe('recorded')
      expect(await store.verifyAudit()).toEqual({ events: kept + 1 })
      await proxy.close()
    })

    it('says that nothing was recorded when it breaks before', async () => {
      const proxy = await startCuttingProxy(Number(new URL(url).port))
      const through = new URL(url)
      through.port = String(proxy.port)
      const store = await open({ url: through.href })
      proxy.cutAt('insert into "audit"', 'after')
      const failure = await store.record([], [anEntry()]).catch((error: unknown) => error)
      expect(failure).toMatchObject({ name: 'StoreUnavailable', outcome: 'nothing recorded' })
      expect(await store.lastSequence()).toBe(0)
      await proxy.close()
    })
  })
})
