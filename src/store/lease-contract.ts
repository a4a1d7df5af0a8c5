import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../engine/ports.ts'
import { aPromotion, aRelease, aRollout } from './store-fixtures.ts'

/** Who may act on what is due. */
export function describeLeases(open: () => Promise<Store>): void {
  describe('leases', () => {
    let store: Store
    const release = aRelease()
    const first = aPromotion(release, { id: 'prod-1', dueAt: 50 })
    const second = aPromotion(release, { id: 'prod-2', dueAt: 30 })
    const idle = aPromotion(release, { id: 'prod-3' })

    beforeEach(async () => {
      store = await open()
      const promotions = [first, second, idle].map(value => ({ kind: 'promotion', value }) as const)
      await store.record([{ kind: 'release', value: release }, ...promotions], [])
    })
    afterEach(() => store.close())

    const claim = (owner: string, now: number, except: readonly string[] = []) =>
      store.claim({ owner, now, leaseMilliseconds: 100, except })

    it('gives what is due first, and nothing before it is due', async () => {
      expect(await claim('one', 29)).toBeUndefined()
      expect(await claim('one', 60)).toEqual({ promotion: 'prod-2', owner: 'one', fence: 1 })
      expect(await claim('one', 60, ['prod-2'])).toEqual({ promotion: 'prod-1', owner: 'one', fence: 1 })
      expect(await claim('one', 60, ['prod-1', 'prod-2'])).toBeUndefined()
    })

    it('counts a rollout that is due as its promotion being due', async () => {
      await store.record([{ kind: 'rollout', value: aRollout(idle, { dueAt: 5 }) }], [])
      expect(await claim('one', 60)).toMatchObject({ promotion: 'prod-3' })
    })

    it('leaves what another holds alone until the lease is over', async () => {
      await claim('one', 60)
      expect(await claim('two', 60)).toMatchObject({ promotion: 'prod-1' })
      expect(await claim('three', 159)).toBeUndefined()
      expect(await claim('three', 160)).toEqual({ promotion: 'prod-2', owner: 'three', fence: 2 })
    })

    it('prolongs the lease of an owner who claims again, with a higher fence: it may have died meanwhile', async () => {
      await claim('one', 60, ['prod-1'])
      expect(await claim('one', 120, ['prod-1'])).toEqual({ promotion: 'prod-2', owner: 'one', fence: 2 })
      expect(await claim('two', 180, ['prod-1'])).toBeUndefined()
    })

    it('prolongs all leases of one owner and nobody else’s', async () => {
      await claim('one', 60)
      await claim('two', 60)
      expect(await store.renewLeases('one', 150, 100)).toEqual([
        { promotion: 'prod-2', owner: 'one', fence: 1 },
      ])
      expect(await claim('three', 200)).toMatchObject({ promotion: 'prod-1' })
      expect(await claim('three', 200, ['prod-1'])).toBeUndefined()
      expect(await claim('three', 250, ['prod-1'])).toMatchObject({ promotion: 'prod-2' })
    })

    it('names no lease as prolonged that somebody else has taken', async () => {
      await claim('one', 60)
      await claim('two', 200)
      expect(await store.renewLeases('one', 210, 100)).toEqual([])
    })

    it('gives what was given back to the next at once, with a higher fence', async () => {
      const lease = { promotion: 'prod-2', owner: 'one', fence: 1 }
      expect(await claim('one', 60)).toEqual(lease)
      await store.releaseLease(lease)
      expect(await claim('two', 61)).toEqual({ promotion: 'prod-2', owner: 'two', fence: 2 })
    })

    it('gives back nothing that another holds by now', async () => {
      const lost = { promotion: 'prod-2', owner: 'one', fence: 1 }
      await claim('one', 60)
      await claim('two', 200)
      await store.releaseLease(lost)
      expect(await claim('three', 201, ['prod-1'])).toBeUndefined()
    })

    it('gives each of many who ask at once something else', async () => {
      const leases = await Promise.all(['a', 'b', 'c', 'd'].map(owner => claim(owner, 60)))
      const promotions = leases.flatMap(lease => (lease === undefined ? [] : [lease.promotion]))
      expect(promotions.toSorted()).toEqual(['prod-1', 'prod-2'])
    })

    it('finds what has a rollout that is due first', async () => {
      await store.record([{ kind: 'rollout', value: aRollout(idle, { dueAt: 5 }) }], [])
      expect(await claim('one', 6)).toMatchObject({ promotion: idle.id })
    })

    it('gives nothing when nothing is due', async () => {
      const done = [first, second].map(
        value => ({ kind: 'promotion', value: { ...value, dueAt: null, version: 2 } }) as const,
      )
      await store.record(done, [])
      expect(await claim('one', 1e12)).toBeUndefined()
    })
  })
}
