import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Page, Paged, Store } from '../engine/ports.ts'
import { UserError } from '../model/user-error.ts'
import { aCheck, aFreeze, anApproval, aPromotion, aRelease, aRollout, aToken } from './store-fixtures.ts'

/** Lists, newest first, a page at a time. */
export function describePages(open: () => Promise<Store>): void {
  describe('lists', () => {
    let store: Store
    const releases = [1, 2, 3, 4, 5].map(number => aRelease(number))
    const [release = aRelease()] = releases

    beforeEach(async () => {
      store = await open()
      for (const value of releases) await store.record([{ kind: 'release', value }], [])
    })
    afterEach(() => store.close())

    it('shows the newest first, page after page', async () => {
      const pages = await everyPage(page => store.releases(page), 2)
      expect(pages.map(page => page.length)).toEqual([2, 2, 1])
      expect(pages.flat()).toEqual(releases.toReversed())
    })

    it('has no further page after one that is just full', async () => {
      expect((await store.releases({ limit: 5 })).next).toBeUndefined()
    })

    it('neither repeats nor skips anything when more is recorded between two pages', async () => {
      const first = await store.releases({ limit: 2 })
      await store.record([{ kind: 'release', value: aRelease(6) }], [])
      const second = await store.releases({ limit: 200, cursor: first.next ?? '' })
      expect([...first.items, ...second.items]).toEqual(releases.toReversed())
    })

    it.each(['', 'nonsense', 'cmVsZWFzZXM6LTE', 'cmVsZWFzZXM6MQ==', ' cmVsZWFzZXM6MQ'])(
      'refuses %o as a cursor',
      async cursor => {
        await expect(store.releases({ limit: 2, cursor })).rejects.toThrow(UserError)
      },
    )

    it('refuses the cursor of another list', async () => {
      const { next = '' } = await store.releases({ limit: 2 })
      await expect(store.promotions({}, { limit: 2, cursor: next })).rejects.toThrow(UserError)
    })

    it.each([0, -1, 1.5, 201, Number.NaN])('refuses a page of %d items', async limit => {
      await expect(store.releases({ limit })).rejects.toThrow(RangeError)
    })

    it('names every service of an environment once, by name, and counts what is open', async () => {
      const prod = aPromotion(release, { id: 'prod-1' })
      const later = aPromotion(release, { id: 'prod-2' })
      const done = { phase: 'done', at: 1, outcome: 'succeeded', reason: 'serves' } as const
      const rollouts = [
        aRollout(prod, { id: 'prod-1.web', service: 'web' }),
        aRollout(prod, { id: 'prod-1.api', service: 'api', state: done }),
        aRollout(prod, { id: 'prod-1.Zoo', service: 'Zoo' }),
        aRollout(later, { id: 'prod-2.web', service: 'web', number: 2 }),
        aRollout(later, { id: 'dev-1.api', service: 'api', environment: 'dev' }),
      ]
      const changes = [
        ...[prod, later].map(value => ({ kind: 'promotion', value }) as const),
        ...rollouts.map(value => ({ kind: 'rollout', value }) as const),
      ]
      await store.record(changes, [])
      expect(await store.services('prod')).toEqual(['Zoo', 'api', 'web'])
      expect(await store.services('staging')).toEqual([])
      const counts = await store.openRollouts()
      expect(counts.toSorted((a, b) => a.count - b.count)).toEqual([
        { environment: 'dev', phase: rollouts[0]?.state.phase, count: 1 },
        { environment: 'prod', phase: rollouts[0]?.state.phase, count: 3 },
      ])
    })

    it('filters promotions by environment, release and phase', async () => {
      const prod = aPromotion(release, { id: 'prod-1' })
      const done = { phase: 'done', outcome: 'succeeded', at: 1, reasons: [] } as const
      const dev = aPromotion(releases[1] ?? release, { id: 'dev-1', environment: 'dev', state: done })
      const staging = aPromotion(release, { id: 'staging-1', environment: 'staging', state: done })
      const changes = [prod, dev, staging].map(value => ({ kind: 'promotion', value }) as const)
      await store.record(changes, [])
      const list = async (filter: Parameters<Store['promotions']>[0]) =>
        (await store.promotions(filter, { limit: 10 })).items.map(({ id }) => id)
      expect(await list({})).toEqual(['staging-1', 'dev-1', 'prod-1'])
      expect(await list({ environment: 'prod' })).toEqual(['prod-1'])
      expect(await list({ release: release.id })).toEqual(['staging-1', 'prod-1'])
      expect(await list({ phase: 'done' })).toEqual(['staging-1', 'dev-1'])
      expect(await list({ phase: 'done', release: release.id })).toEqual(['staging-1'])
    })

    it('filters rollouts by environment, service, promotion and whether they are open', async () => {
      const prod = aPromotion(release, { id: 'prod-1' })
      const web = aRollout(prod)
      const done = { phase: 'done', at: 1, reason: 'all well', outcome: 'succeeded' } as const
      const api = aRollout(prod, { id: 'prod-1.api', service: 'api', state: done })
      const changes = [web, api].map(value => ({ kind: 'rollout', value }) as const)
      await store.record([{ kind: 'promotion', value: prod }, ...changes], [])
      const list = async (filter: Parameters<Store['rollouts']>[0]) =>
        (await store.rollouts(filter, { limit: 10 })).items.map(({ id }) => id)
      expect(await list({ promotion: 'prod-1' })).toEqual(['prod-1.api', 'prod-1.web'])
      expect(await list({ environment: 'prod', service: 'web' })).toEqual(['prod-1.web'])
      expect(await list({ environment: 'dev' })).toEqual([])
      expect(await list({ open: true })).toEqual(['prod-1.web'])
      expect(await list({ open: false })).toEqual(['prod-1.api'])
    })

    it('shows freezes, tokens and approvals the same way, those of one release only', async () => {
      const [other = release] = releases.slice(1)
      const ids = ['1', '2', '3']
      await store.record(
        ids.flatMap(id => [
          { kind: 'freeze', value: aFreeze({ id }) } as const,
          { kind: 'token', value: aToken({ id }) } as const,
          { kind: 'approval', value: anApproval(release, { id }) } as const,
          { kind: 'approval', value: anApproval(other, { id: `other-${id}` }) } as const,
        ]),
        [],
      )
      await store.record(
        [{ kind: 'freeze', value: aFreeze({ id: '1', liftedAt: 300, liftedBy: 'ada' }) }],
        [],
      )
      const idsOf = async (read: (page: Page) => Promise<Paged<{ readonly id: string }>>) =>
        (await everyPage(read, 2)).map(page => page.map(({ id }) => id))
      const expected = [['3', '2'], ['1']]
      expect(await idsOf(page => store.freezesPage(page))).toEqual(expected)
      expect(await idsOf(page => store.tokensPage(page))).toEqual(expected)
      expect(await idsOf(page => store.approvalsPage(release.id, page))).toEqual(expected)
      const { next = '' } = await store.freezesPage({ limit: 1 })
      await expect(store.tokensPage({ limit: 1, cursor: next })).rejects.toThrow(UserError)
    })

    it('shows the checks of a release by name, a page at a time', async () => {
      const names = ['a', 'b:c', 'lint', 'unit', '☃']
      await store.record(
        names.toReversed().map(name => ({ kind: 'check', value: aCheck(release, { name }) })),
        [],
      )
      const pages = await everyPage(page => store.checksPage(release.id, page), 2)
      expect(pages.map(page => page.length)).toEqual([2, 2, 1])
      expect(pages.flat()).toEqual(await store.checks(release.id))
      for (const cursor of ['x', 'cmVsZWFzZXM6MQ'])
        await expect(store.checksPage(release.id, { limit: 2, cursor })).rejects.toThrow(UserError)
      await expect(store.checksPage(release.id, { limit: 0 })).rejects.toThrow(RangeError)
    })

    it('keeps the place of what changes', async () => {
      const promotions = ['prod-1', 'prod-2'].map(id => aPromotion(release, { id }))
      await store.record(
        promotions.map(value => ({ kind: 'promotion', value })),
        [],
      )
      const [first = aPromotion(release)] = promotions
      await store.record([{ kind: 'promotion', value: { ...first, version: 2 } }], [])
      const { items } = await store.promotions({}, { limit: 10 })
      expect(items.map(({ id }) => id)).toEqual(['prod-2', 'prod-1'])
    })

    it('numbers the promotions of each environment from 1', async () => {
      expect(await store.nextPromotionNumber('prod')).toBe(1)
      for (const id of ['prod-1', 'prod-2', 'prod-10']) {
        await store.record([{ kind: 'promotion', value: aPromotion(release, { id }) }], [])
      }
      expect(await store.nextPromotionNumber('prod')).toBe(11)
      expect(await store.nextPromotionNumber('dev')).toBe(1)
    })
  })
}

async function everyPage<T>(read: (page: Page) => Promise<Paged<T>>, limit: number): Promise<T[][]> {
  const pages: T[][] = []
  let page: Page | undefined = { limit }
  while (page !== undefined) {
    const { items, next }: Paged<T> = await read(page)
    pages.push([...items])
    page = next === undefined ? undefined : { limit, cursor: next }
  }
  return pages
}
