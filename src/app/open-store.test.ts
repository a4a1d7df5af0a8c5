import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needsPostgres, type Postgres, startPostgres } from '../../test/harness/postgres.ts'
import { aPromotion, aRelease } from '../store/store-fixtures.ts'
import { openStore } from './open-store.ts'

describe.runIf(needsPostgres())('the store of a server on PostgreSQL', () => {
  let postgres: Postgres
  let databaseUrl: string

  beforeAll(async () => {
    postgres = await startPostgres()
    databaseUrl = await postgres.createDatabase()
  })
  afterAll(() => postgres.end())

  it('is waited for while the database is away', async () => {
    const lines: string[] = []
    await postgres.stop('fast')
    const opening = open(line => lines.push(line))
    await expect.poll(() => lines).toEqual(['waiting for the database'])
    await postgres.start()
    const { store, isShared } = await opening
    expect(await store.lastSequence()).toBe(0)
    expect(isShared).toBe(true)
    await store.close()
  })

  it('is not waited for any more when the server is told to stop', async () => {
    await postgres.stop('fast')
    const stopping = new AbortController()
    const opening = open(() => stopping.abort(), stopping.signal)
    await expect(opening).rejects.toThrow('can not be reached')
    await postgres.start()
  })

  it('gives every server a name of its own, and others a lease for longer than the holder counts on', async () => {
    const [one, two] = await Promise.all([open(), open()])
    expect(one.owner).not.toBe(two.owner)
    const release = aRelease()
    await one.store.record(
      [
        { kind: 'release', value: release },
        { kind: 'promotion', value: aPromotion(release, { dueAt: 1 }) },
      ],
      [],
    )
    const request = { leaseMilliseconds: one.leaseMilliseconds, except: [] }
    const lease = await one.store.claim({ ...request, owner: one.owner, now: 1000 })
    expect(lease).toMatchObject({ owner: one.owner })
    const later = 1000 + one.leaseMilliseconds
    // The clocks of the two differ by less than this.
    expect(await two.store.claim({ ...request, owner: two.owner, now: later + 3999 })).toBeUndefined()
    expect(await two.store.claim({ ...request, owner: two.owner, now: later + 4000 })).toMatchObject({
      owner: two.owner,
    })
    await Promise.all([one.store.close(), two.store.close()])
  })

  function open(tell: (line: string) => void = () => undefined, signal = new AbortController().signal) {
    const say = (_facts: object, line: string): void => tell(line)
    return openStore({
      file: '/nowhere',
      databaseUrl,
      signal,
      log: { info: say, warn: say, error: say },
    })
  }
})
