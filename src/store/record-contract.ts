import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../engine/ports.ts'
import {
  aCheck,
  aFreeze,
  anApproval,
  anEntry,
  aPromotion,
  aRelease,
  aRollout,
  aToken,
} from './store-fixtures.ts'

/** What goes in comes out, and what is first written stays. */
export function describeRecords(open: () => Promise<Store>): void {
  describe('what is kept', () => {
    let store: Store
    const release = aRelease()
    const promotion = aPromotion(release)

    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    it('gives everything back as it was recorded', async () => {
      const rollout = aRollout(promotion, { from: { color: 'blue', release: release.id }, pausedBy: 'grace' })
      const changes = [
        { kind: 'release', value: release },
        { kind: 'check', value: aCheck(release, { url: 'https://ci.example.com/1' }) },
        { kind: 'approval', value: anApproval(release, { comment: 'snowman ☃, "quotes" and \u0000' }) },
        { kind: 'promotion', value: promotion },
        { kind: 'rollout', value: rollout },
        { kind: 'freeze', value: aFreeze() },
        { kind: 'token', value: aToken() },
      ] as const
      expect(await store.record(changes, [])).toBe('recorded')
      expect(await store.release(release.id)).toEqual(release)
      expect(await store.checks(release.id)).toEqual([changes[1].value])
      expect(await store.approvals(release.id)).toEqual([changes[2].value])
      expect(await store.approval('a-1')).toEqual(changes[2].value)
      expect(await store.promotion('prod-1')).toEqual(promotion)
      expect(await store.rollout('prod-1.web')).toEqual(rollout)
      expect(await store.freezes()).toEqual([changes[5].value])
      expect(await store.tokens()).toEqual([changes[6].value])
    })

    it('knows nothing of what was never recorded', async () => {
      expect(await store.release(release.id)).toBeUndefined()
      expect(await store.approval('a-1')).toBeUndefined()
      expect(await store.promotion('prod-1')).toBeUndefined()
      expect(await store.rollout('prod-1.web')).toBeUndefined()
      expect(await store.checks(release.id)).toEqual([])
      expect(await store.approvals(release.id)).toEqual([])
      expect(await store.freezes()).toEqual([])
      expect(await store.tokens()).toEqual([])
    })

    it('keeps a release as it was first written', async () => {
      await store.record([{ kind: 'release', value: release }], [])
      await store.record([{ kind: 'release', value: { ...release, createdAt: 99 } }], [])
      expect(await store.release(release.id)).toEqual(release)
    })

    it('finds releases by the beginning of their hash, three at most', async () => {
      const releases = [1, 2, 3, 4, 5].map(number => aRelease(number))
      await store.record(
        releases.map(value => ({ kind: 'release', value })),
        [],
      )
      const [first = release] = releases
      const hex = first.id.slice('sha256:'.length)
      expect(await store.releasesByPrefix(hex.slice(0, 12))).toEqual([first])
      expect(await store.releasesByPrefix(hex)).toEqual([first])
      expect(await store.releasesByPrefix('')).toHaveLength(3)
      expect(await store.releasesByPrefix(`${hex}0`)).toEqual([])
      expect(await store.releasesByPrefix('%')).toEqual([])
    })

    it('replaces a check of the same name and keeps the others', async () => {
      const failed = aCheck(release, { state: 'failed' })
      const lint = aCheck(release, { name: 'lint' })
      await store.record([{ kind: 'release', value: release }], [])
      await store.record([{ kind: 'check', value: failed }], [])
      await store.record(
        [
          { kind: 'check', value: aCheck(release) },
          { kind: 'check', value: lint },
        ],
        [],
      )
      expect(await store.checks(release.id)).toEqual([lint, aCheck(release)])
    })

    it('lets an approval be withdrawn once and nothing else of it be changed', async () => {
      const approval = anApproval(release)
      await store.record(
        [
          { kind: 'release', value: release },
          { kind: 'approval', value: approval },
        ],
        [],
      )
      const forged = { ...approval, verdict: 'rejected', by: 'mallory', withdrawnAt: 1700 } as const
      await store.record([{ kind: 'approval', value: forged }], [])
      await store.record([{ kind: 'approval', value: { ...approval, withdrawnAt: 1800 } }], [])
      await store.record([{ kind: 'approval', value: approval }], [])
      expect(await store.approval('a-1')).toEqual({ ...approval, withdrawnAt: 1700 })
    })

    it('lets a freeze be lifted and a token be revoked, and nothing else of them be changed', async () => {
      await store.record(
        [
          { kind: 'freeze', value: aFreeze() },
          { kind: 'token', value: aToken() },
        ],
        [],
      )
      const lifted = aFreeze({ reason: 'other', liftedAt: 300, liftedBy: 'ada' })
      const revoked = aToken({ roles: ['admin'], expiresAt: 99_999, revokedAt: 300 })
      await store.record(
        [
          { kind: 'freeze', value: lifted },
          { kind: 'token', value: revoked },
        ],
        [],
      )
      expect(await store.freezes()).toEqual([aFreeze({ liftedAt: 300, liftedBy: 'ada' })])
      expect(await store.tokens()).toEqual([aToken({ revokedAt: 300 })])
    })

    it('refuses a promotion of a release that was never recorded', async () => {
      await expect(store.record([{ kind: 'promotion', value: promotion }], [anEntry()])).rejects.toThrow()
      expect(await store.promotion('prod-1')).toBeUndefined()
      expect(await store.lastSequence()).toBe(0)
    })

    it('keeps what is asked for at the same time, each once and in its order, whatever is refused among it', async () => {
      await store.record([{ kind: 'release', value: release }], [])
      const unknown = aPromotion(aRelease(2), { id: 'prod-700' })
      const asked = Array.from({ length: 120 }, (_, index) => {
        const id = index === 50 ? 'prod-1' : `prod-${index + 1}`
        const value = index === 100 ? unknown : aPromotion(release, { id })
        return store.record([{ kind: 'promotion', value }], [anEntry({ at: index })])
      })
      const answers = await Promise.allSettled(asked)
      expect(answers[50]).toEqual({ status: 'fulfilled', value: 'conflict' })
      expect(answers[100]).toMatchObject({ status: 'rejected' })
      const recorded = answers.flatMap((answer, index) =>
        answer.status === 'fulfilled' && answer.value === 'recorded' ? [index] : [],
      )
      expect(recorded).toHaveLength(118)
      expect((await store.events(0, 200)).map(({ at }) => at)).toEqual(recorded)
      expect(await store.promotion('prod-120')).toBeDefined()
      expect(await store.verifyAudit()).toEqual({ events: 118 })
    })

    it('takes the parts of one record in any order', async () => {
      const changes = [
        { kind: 'rollout', value: aRollout(promotion) },
        { kind: 'promotion', value: promotion },
        { kind: 'release', value: release },
      ] as const
      expect(await store.record(changes, [])).toBe('recorded')
    })
  })
}
