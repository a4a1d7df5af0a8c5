import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  aCheck,
  aFreeze,
  anApproval,
  anEntry,
  aPromotion,
  aRelease,
  aRollout,
  aToken,
} from '../../store/store-fixtures.ts'
import { release } from '../testing/fixtures.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

interface Operation {
  readonly operationId: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>
}

interface Content {
  readonly schema: { readonly type?: string; readonly properties?: Readonly<Record<string, unknown>> }
}

interface List {
  readonly items: readonly unknown[]
  readonly next?: string
}

/** The lists there are: a new one has to be tried here too. */
const LISTS: Readonly<Record<string, string>> = {
  listReleases: '/api/v1/releases',
  listChecks: '/api/v1/releases/latest/checks',
  listApprovals: '/api/v1/releases/latest/approvals',
  listPromotions: '/api/v1/promotions',
  listRollouts: '/api/v1/rollouts',
  listFreezes: '/api/v1/freezes',
  listSecrets: '/api/v1/environments/dev/secrets',
  listTokens: '/api/v1/tokens',
  listAudit: '/api/v1/audit',
}
const ITEMS = [1, 2, 3, 4, 5]

let test: TestServer
let operations: readonly Operation[] = []

beforeAll(async () => {
  test = await startServer()
  await test.store.record(
    [{ kind: 'release', value: release }, ...ITEMS.flatMap(number => kept(number))],
    ITEMS.map(() => anEntry()),
  )
  for (const number of ITEMS) await test.secrets.write('dev', `secret-${number}`, 'x')
  const document = (await test.as('admin', { url: '/api/openapi.json' })).json<{
    paths: Record<string, Record<string, Operation>>
  }>()
  operations = Object.values(document.paths).flatMap(methods => Object.values(methods))
})

afterAll(() => test.close())

function kept(number: number) {
  const promotion = aPromotion(release, { id: `prod-${number}` })
  return [
    { kind: 'release', value: aRelease(number + 100) },
    { kind: 'promotion', value: promotion },
    { kind: 'rollout', value: aRollout(promotion) },
    { kind: 'check', value: aCheck(release, { name: `check ${number}` }) },
    { kind: 'approval', value: anApproval(release, { id: `a-${number}` }) },
    { kind: 'freeze', value: aFreeze({ id: `f-${number}` }) },
    { kind: 'token', value: aToken({ id: `t-${number}` }) },
  ] as const
}

const list = async (url: string, query: string) =>
  (await test.as('admin', { url: `${url}?${query}` })).json<List>()

async function pages(url: string, limit: number): Promise<readonly (readonly unknown[])[]> {
  const all: (readonly unknown[])[] = []
  let cursor: string | undefined
  do {
    const after = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = await list(url, `limit=${limit}${after}`)
    all.push(page.items)
    cursor = page.next
  } while (cursor !== undefined)
  return all
}

describe('every list', () => {
  it('is tried here', () => {
    const lists = operations.filter(({ responses }) => {
      const schema = responses['200']?.content?.['application/json']?.schema
      return schema?.type === 'array' || schema?.properties?.['items'] !== undefined
    })
    expect(lists.map(({ operationId }) => operationId).toSorted()).toEqual(Object.keys(LISTS).toSorted())
    for (const { parameters = [], operationId } of lists) {
      const names = parameters.filter(parameter => parameter.in === 'query').map(({ name }) => name)
      expect(names, operationId).toEqual(expect.arrayContaining(['limit', 'cursor']))
    }
  })

  it.each(Object.entries(LISTS))(
    '%s comes in pages, nothing twice and nothing left out',
    async (_id, url) => {
      const whole = await list(url, 'limit=200')
      expect(whole.next).toBeUndefined()
      expect(whole.items.length).toBeGreaterThanOrEqual(ITEMS.length)
      const byTwo = await pages(url, 2)
      expect(byTwo.flat()).toEqual(whole.items)
      expect(byTwo.slice(0, -1).every(items => items.length === 2)).toBe(true)
      expect((await list(url, '')).items).toEqual(whole.items.slice(0, 50))
    },
  )

  it.each(Object.entries(LISTS))(
    '%s refuses a page of none, of too many, and what it does not know',
    async (_id, url) => {
      for (const query of ['limit=0', 'limit=201', 'limit=x', 'cursor=', 'page=2']) {
        const response = await test.as('admin', { url: `${url}?${query}` })
        expect(response.statusCode, query).toBe(400)
      }
    },
  )
})
