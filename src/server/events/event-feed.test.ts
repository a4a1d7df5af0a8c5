import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../engine/ports.ts'
import { openMemoryStore } from '../../store/sqlite/open-sqlite-store.ts'
import { anEntry } from '../../store/store-fixtures.ts'
import { EventFeed } from './event-feed.ts'

let store: Store
let feed: EventFeed
let reads: number[] = []

beforeEach(async () => {
  store = await openMemoryStore()
  reads = []
  feed = feedOf()
})

afterEach(async () => {
  feed.stop()
  await store.close()
})

function feedOf(): EventFeed {
  const counted: Pick<Store, 'events' | 'lastSequence' | 'onRecorded'> = {
    events: (after, limit) => {
      reads.push(after)
      return store.events(after, limit)
    },
    lastSequence: () => store.lastSequence(),
    onRecorded: listener => store.onRecorded(listener),
  }
  return new EventFeed({ store: counted, logger: pino({ level: 'silent' }), onEvents: async () => {} })
}

const record = (count: number) =>
  store.record(
    [],
    Array.from({ length: count }, () => anEntry()),
  )

const sequences = async (after: number) => (await feed.after(after)).map(({ sequence }) => sequence)

const following = () =>
  Promise.all(
    Array.from({ length: 500 }, async () => {
      const { signal } = new AbortController()
      await feed.next({ after: 3, milliseconds: 10_000, signal })
      return await sequences(3)
    }),
  )

describe('the feed', () => {
  it('reads what is new once for all who follow', async () => {
    await record(3)
    await feed.start()
    reads = []
    const all = following()
    await record(2)
    for (const seen of await all) expect(seen).toEqual([4, 5])
    expect(reads).toEqual([3])
  })

  it('reads the past once for all who ask for the same at once, as after a restart', async () => {
    await record(120)
    await feed.start()
    reads = []
    const all = await Promise.all(Array.from({ length: 500 }, () => sequences(60)))
    expect(all.every(seen => seen[0] === 61 && seen.length === 50)).toBe(true)
    expect(reads).toEqual([60])
    await sequences(60)
    expect(reads).toEqual([60, 60])
  })

  it('tells a failed reading of the past to those who asked, and reads again for the next', async () => {
    await record(10)
    await feed.start()
    const events = store.events.bind(store)
    Object.assign(store, { events: () => Promise.reject(new Error('away')) })
    const asked = await Promise.allSettled([feed.after(0), feed.after(0)])
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    Object.assign(store, { events })
    expect(await sequences(0)).toHaveLength(10)
  })

  it('has every event once, wherever a client is', async () => {
    await feed.start()
    await record(1500)
    await expect.poll(() => feed.position).toBe(1500)
    const seen: number[] = []
    for (let position = 0; position < 1500; position = seen.at(-1) ?? 0)
      seen.push(...(await sequences(position)))
    expect(seen).toEqual(Array.from({ length: 1500 }, (_, index) => index + 1))
  })

  it('begins where the store ends, also when something is recorded meanwhile', async () => {
    await record(5)
    const [, started] = await Promise.all([record(2), feed.start()])
    expect(started).toBeUndefined()
    await expect.poll(() => feed.position).toBe(7)
    expect(reads.every(after => after >= 5)).toBe(true)
  })
})
