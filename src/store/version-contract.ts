import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Lease, Store } from '../engine/ports.ts'
import { anEntry, aPromotion, aRelease, aRollout } from './store-fixtures.ts'

/** Nobody overwrites what they have not read. */
export function describeVersions(open: () => Promise<Store>): void {
  describe('when two write the same', () => {
    let store: Store
    const release = aRelease()
    const promotion = aPromotion(release, { dueAt: 10 })
    const rollout = aRollout(promotion)

    beforeEach(async () => {
      store = await open()
      const changes = [
        { kind: 'release', value: release },
        { kind: 'promotion', value: promotion },
        { kind: 'rollout', value: rollout },
      ] as const
      await store.record(changes, [anEntry()])
    })
    afterEach(() => store.close())

    it('takes the version after the stored one', async () => {
      const next = { ...promotion, state: { phase: 'running', startedAt: 1 }, version: 2 } as const
      expect(await store.record([{ kind: 'promotion', value: next }], [])).toBe('recorded')
      expect(await store.promotion('prod-1')).toEqual(next)
    })

    it.each([1, 3])('answers conflict to version %i of what is stored as version 1', async version => {
      for (const change of [
        { kind: 'promotion', value: { ...promotion, version } },
        { kind: 'rollout', value: { ...rollout, version } },
      ] as const) {
        expect(await store.record([change], [])).toBe('conflict')
      }
      expect(await store.promotion('prod-1')).toEqual(promotion)
      expect(await store.rollout('prod-1.web')).toEqual(rollout)
    })

    it('answers conflict to a later version of what was never recorded', async () => {
      const unknown = aPromotion(release, { id: 'prod-2', version: 2 })
      expect(await store.record([{ kind: 'promotion', value: unknown }], [])).toBe('conflict')
    })

    it('keeps nothing of a record that conflicts', async () => {
      let calls = 0
      store.onRecorded(() => {
        calls += 1
      })
      const other = aRelease(2)
      const changes = [
        { kind: 'release', value: other },
        { kind: 'promotion', value: { ...promotion, version: 2 } },
        { kind: 'rollout', value: { ...rollout, version: 7 } },
      ] as const
      expect(await store.record(changes, [anEntry()])).toBe('conflict')
      expect(await store.release(other.id)).toBeUndefined()
      expect(await store.promotion('prod-1')).toEqual(promotion)
      expect(await store.lastSequence()).toBe(1)
      expect(calls).toBe(0)
    })

    it('lets exactly one of many writers of the same version win', async () => {
      const next = { ...rollout, version: 2 }
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => store.record([{ kind: 'rollout', value: next }], [anEntry()])),
      )
      expect(answers.filter(answer => answer === 'recorded')).toHaveLength(1)
      expect(await store.lastSequence()).toBe(2)
    })

    it('takes a record only while its lease is held', async () => {
      const request = { now: 10, leaseMilliseconds: 100, except: [] }
      const lease = await claimed(store, { owner: 'one', ...request })
      const next = { ...promotion, version: 2 }
      expect(await store.record([{ kind: 'promotion', value: next }], [], lease)).toBe('recorded')
      await store.claim({ owner: 'two', ...request, now: 200 })
      const late = { ...promotion, version: 3 }
      expect(await store.record([{ kind: 'promotion', value: late }], [anEntry()], lease)).toBe('conflict')
      expect(await store.promotion('prod-1')).toEqual(next)
      expect(await store.lastSequence()).toBe(1)
    })

    it('takes nothing more under a lease that was given back', async () => {
      const lease = await claimed(store, { owner: 'one', now: 10, leaseMilliseconds: 100, except: [] })
      await store.releaseLease(lease)
      expect(await store.record([], [anEntry()], lease)).toBe('conflict')
    })
  })
}

async function claimed(store: Store, request: Parameters<Store['claim']>[0]): Promise<Lease> {
  const lease = await store.claim(request)
  if (lease === undefined) throw new Error('nothing to claim')
  return lease
}
