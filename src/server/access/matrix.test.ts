import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Permission } from '../../model/policy.ts'
import { aFreeze, anApproval, anEntry, aPromotion, aRelease, aRollout } from '../../store/store-fixtures.ts'
import { policy } from '../testing/fixtures.ts'
import { type DeclaredRoute, sampleRequest } from '../testing/routes.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

/** What each role may call on samples that concern prod, written by hand; `sample` below gives the requests. */
const IN_PROD: Readonly<Record<string, readonly Permission[]>> = {
  guest: [],
  viewer: ['read'],
  developer: [],
  reviewer: ['read', 'approve'],
  ci: ['create-release', 'report-check'],
  operator: ['read', 'promote', 'operate', 'rollback', 'manage-freezes'],
  keeper: [],
  admin: [
    'read',
    'create-release',
    'report-check',
    'approve',
    'promote',
    'operate',
    'rollback',
    'break-glass',
    'manage-freezes',
    'manage-secrets',
    'manage-tokens',
    'backup',
  ],
}

/** What a role that is kept to dev or staging still gets, where a route concerns no environment. */
const ANYWHERE: Readonly<Record<string, readonly Permission[]>> = {
  ...IN_PROD,
  developer: ['read', 'create-release', 'promote', 'operate', 'rollback'],
  keeper: ['manage-secrets', 'manage-tokens'],
}

/** What concerns all environments: a role that is kept to some has to name one, or may not. */
const EVERYWHERE = new Set([
  'GET /api/v1/promotions',
  'GET /api/v1/rollouts',
  'POST /api/v1/policy/reload',
  'GET /api/v1/backup',
])

let test: TestServer
const routes: DeclaredRoute[] = []

beforeAll(async () => {
  test = await startServer({ onRoute: route => routes.push(route) })
  const release = aRelease()
  const promotion = aPromotion(release)
  await test.store.record(
    [
      { kind: 'release', value: release },
      { kind: 'promotion', value: promotion },
      { kind: 'rollout', value: aRollout(promotion) },
      { kind: 'approval', value: anApproval(release) },
      { kind: 'freeze', value: { ...aFreeze(), id: 'a-1' } },
    ],
    [anEntry()],
  )
})

afterAll(() => test.close())

function isAllowed(role: string, route: DeclaredRoute): boolean {
  const { access } = route
  if (access?.kind !== 'permission') return true
  const key = `${route.method} ${route.url}`
  if (EVERYWHERE.has(key)) return policy.roles[role]?.environments === undefined && held(IN_PROD)
  return held(access.scope === undefined ? ANYWHERE : IN_PROD)

  function held(table: typeof IN_PROD): boolean {
    return access?.kind === 'permission' && (table[role]?.includes(access.permission) ?? false)
  }
}

const advance = (id: string) => test.as('operator', { method: 'POST', url: `/api/v1/rollouts/${id}/advance` })

const freezeAll = (role: string) =>
  test.as(role, { method: 'POST', url: '/api/v1/freezes', payload: { reason: 'sale' } })

describe('access', () => {
  it('is declared by every route', async () => {
    await test.server.ready()
    expect(routes.length).toBeGreaterThan(35)
    expect(routes.filter(({ access }) => access === undefined)).toEqual([])
  })

  it('is public for nothing but health and the description of the API', () => {
    const open = routes.filter(({ access }) => access?.kind === 'public').map(({ url }) => url)
    expect(open.toSorted()).toEqual(['/api/openapi.json', '/healthz', '/readyz'])
  })

  it.each(Object.keys(policy.roles))(
    'gives %s every route that its permissions name, and 403 for the rest',
    async role => {
      for (const route of routes) {
        const response = await test.as(role, sampleRequest(route))
        const where = `${role} ${route.method} ${route.url}: ${response.statusCode} ${response.body}`
        if (isAllowed(role, route)) expect([200, 201, 202, 404, 409], where).toContain(response.statusCode)
        else expect(response.statusCode, where).toBe(403)
      }
    },
  )

  it('answers 401 for every route but the public ones without a token', async () => {
    for (const route of routes) {
      const response = await test.server.inject({ ...sampleRequest(route), headers: { host: 'localhost' } })
      const isPublic = route.access?.kind === 'public'
      expect(response.statusCode, `${route.method} ${route.url}`).toBe(isPublic ? 200 : 401)
      if (!isPublic) expect(response.headers['www-authenticate']).toBe('Bearer realm="sluice"')
    }
  })

  it.each([
    ['developer', 'dev', 202],
    ['developer', 'prod', 403],
    ['operator', 'dev', 403],
    ['operator', 'prod', 202],
  ])('lets %s roll back %s by %i', async (role, environment, status) => {
    const request = { method: 'POST', url: `/api/v1/environments/${environment}/rollback` } as const
    const response = await test.as(role, { ...request, payload: { reason: 'broken' } })
    expect(response.statusCode).toBe(status)
  })

  it('takes the environment of a rollout from its id, and refuses limited roles where it can’t', async () => {
    expect((await advance('prod-12.web')).statusCode).toBe(202)
    expect((await advance('dev-12.prod-1')).statusCode).toBe(403)
    expect((await advance('prod.web')).statusCode).toBe(403)
  })

  it('freezes every environment only for those who may in every one', async () => {
    expect((await freezeAll('operator')).statusCode).toBe(403)
    expect((await freezeAll('admin')).statusCode).toBe(201)
  })

  it('breaks the glass only with its own permission', async () => {
    const payload = { release: 'latest', environment: 'prod', breakGlass: { reason: 'fire' } }
    const promote = (role: string) => test.as(role, { method: 'POST', url: '/api/v1/promotions', payload })
    expect((await promote('operator')).statusCode).toBe(403)
    expect((await promote('admin')).statusCode).toBe(202)
  })

  it('shows a role of one environment that environment only', async () => {
    const status = (await test.as('developer', { url: '/api/v1/status' })).json<{
      environments: { name: string }[]
    }>()
    expect(status.environments.map(({ name }) => name)).toEqual(['dev'])
    await test.store.record(
      [],
      [anEntry({ environment: 'dev', message: 'in dev' }), anEntry({ environment: 'prod' })],
    )
    const audit = (await test.as('developer', { url: '/api/v1/audit?limit=200' })).json<{
      items: { environment?: string }[]
    }>()
    expect(new Set(audit.items.map(({ environment }) => environment))).toEqual(new Set([undefined, 'dev']))
  })
})
