import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KeyedRequest, Store } from '../engine/ports.ts'

/** A write under a key is done once, and its answer is given again. */
export function describeAnswers(open: () => Promise<Store>): void {
  describe('answers', () => {
    let store: Store
    const request: KeyedRequest = { token: 't-1', key: 'k', request: 'promote', at: 100 }

    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    const reserve = (changes: Partial<KeyedRequest> = {}, forgetUntil = 0) =>
      store.reserveAnswer({ ...request, ...changes }, forgetUntil)

    it('gives a key to the first who asks, and says since when it is taken', async () => {
      expect(await reserve()).toEqual({ kind: 'reserved' })
      expect(await reserve({ at: 200 })).toEqual({ kind: 'begun', at: 100 })
    })

    it('gives a key to exactly one of many', async () => {
      const all = await Promise.all(Array.from({ length: 8 }, () => reserve()))
      expect(all.filter(({ kind }) => kind === 'reserved')).toHaveLength(1)
      expect(all.filter(({ kind }) => kind === 'begun')).toHaveLength(7)
    })

    it('gives the answer again as it was kept, which stays the first', async () => {
      await reserve()
      await store.keepAnswer(request, '{"status":201,"body":"☃"}')
      await store.keepAnswer(request, 'another')
      await store.dropAnswer(request)
      expect(await reserve({ at: 300 })).toEqual({ kind: 'answered', answer: '{"status":201,"body":"☃"}' })
    })

    it('refuses another request under the same key, answered or not', async () => {
      await reserve()
      expect(await reserve({ request: 'abort' })).toEqual({ kind: 'other' })
      await store.keepAnswer(request, 'done')
      expect(await reserve({ request: 'abort' })).toEqual({ kind: 'other' })
    })

    it('keeps the keys of tokens apart', async () => {
      await reserve()
      expect(await reserve({ token: 't-2', request: 'abort' })).toEqual({ kind: 'reserved' })
      expect(await reserve({ key: 'K' })).toEqual({ kind: 'reserved' })
    })

    it('takes a key that was given back anew', async () => {
      await reserve()
      await store.dropAnswer(request)
      expect(await reserve({ request: 'abort' })).toEqual({ kind: 'reserved' })
    })

    it('forgets what is old enough, answered or not, and nothing else', async () => {
      await reserve()
      await store.keepAnswer(request, 'done')
      await reserve({ key: 'open' })
      await reserve({ key: 'later', at: 101 })
      await store.forgetAnswers(100)
      expect(await reserve({ at: 102 })).toEqual({ kind: 'reserved' })
      expect(await reserve({ key: 'open', at: 102 })).toEqual({ kind: 'reserved' })
      expect(await reserve({ key: 'later', at: 102 })).toEqual({ kind: 'begun', at: 101 })
    })

    it('takes an old key as new before it is forgotten', async () => {
      await reserve()
      expect(await reserve({ request: 'abort', at: 500 }, 100)).toEqual({ kind: 'reserved' })
      expect(await reserve({ request: 'abort', at: 501 }, 100)).toEqual({ kind: 'begun', at: 500 })
    })

    it('has no key to keep an answer under that nobody reserved', async () => {
      await store.keepAnswer(request, 'done')
      expect(await reserve()).toEqual({ kind: 'reserved' })
    })
  })
}
