import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ServiceSpec } from '../../model/service-spec.ts'
import { aCheck, anApproval, anEntry, aPromotion, aRelease } from '../../store/store-fixtures.ts'
import { problemSchema } from '../schemas/problem.ts'
import { promotionSchema } from '../schemas/promotion.ts'
import { releaseDetailSchema, releaseSchema } from '../schemas/release.ts'
import { releaseRequest, spec } from '../testing/fixtures.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

let test: TestServer

beforeEach(async () => {
  test = await startServer()
})

afterEach(() => test.close())

const command = { kind: 'command', command: ['a'], timeoutSeconds: 1 } as const
const post = (payload: object) => test.as('ci', { method: 'POST', url: '/api/v1/releases', payload })
const withSpec = (changes: Partial<ServiceSpec>) => ({
  ...releaseRequest,
  environments: { dev: { web: { ...spec, ...changes } } },
})

describe('releases', () => {
  it('have the caller as author and the present versions of their secrets', async () => {
    await test.secrets.write('prod', 'db-password', 'a')
    await test.secrets.write('prod', 'db-password', 'b')
    const response = await post(releaseRequest)
    expect(response.statusCode).toBe(201)
    releaseSchema.parse(response.json())
    const asked = test.calls.find(({ method }) => method === 'createRelease')
    expect(asked?.arguments[0]).toMatchObject({
      author: 'ci@example.com',
      secrets: { dev: { 'db-password': 'v1' }, prod: { 'db-password': 'v2' } },
    })
  })

  it('are refused with every missing secret and how to set it', async () => {
    test.secrets.missing = ['db-password']
    const response = await post(releaseRequest)
    expect(response.statusCode).toBe(422)
    const problem = problemSchema.parse(response.json())
    expect(problem.reasons?.map(({ remedy }) => remedy)).toEqual([
      'sluice secret set dev db-password',
      'sluice secret set prod db-password',
    ])
  })

  it.each<[string, Partial<ServiceSpec>]>([
    ['a config value above 32 KiB', { config: { A: 'x'.repeat(32 * 1024 + 1) } }],
    ['a variable that is none', { config: { 'A=B': 'x' } }],
    ['a file outside its folder', { files: { '/etc/../root': 'x' } }],
    ['a relative file', { files: { 'etc/x': 'x' } }],
    ['a port that is none', { port: 70_000 }],
    [
      'a thousand verifications',
      {
        rollout: {
          ...spec.rollout,
          verify: Array.from({ length: 1000 }, () => command),
        },
      },
    ],
    ['no steps', { rollout: { ...spec.rollout, steps: [] } }],
  ])('are refused with %s', async (_what, changes) => {
    expect((await post(withSpec(changes))).statusCode).toBe(400)
    expect(test.calls).toEqual([])
  })

  it('are shown with promotions, checks and approvals', async () => {
    const release = aRelease()
    await test.store.record(
      [
        { kind: 'release', value: release },
        { kind: 'promotion', value: aPromotion(release) },
        { kind: 'check', value: aCheck(release) },
        { kind: 'approval', value: anApproval(release) },
      ],
      [anEntry()],
    )
    const detail = releaseDetailSchema.parse(
      (await test.as('viewer', { url: '/api/v1/releases/latest' })).json(),
    )
    expect(detail).toMatchObject({
      promotions: [{ id: 'prod-1' }],
      checks: [{ name: 'unit' }],
      approvals: [{ id: 'a-1' }],
    })
    const diff = await test.as('viewer', { url: '/api/v1/releases/latest/diff/r-abcdef' })
    expect(diff.json()).toMatchObject({ artifacts: [], configuration: [] })
  })

  it('are promoted by the reference that people type, or only asked about', async () => {
    const payload = { release: 'latest', environment: 'prod' }
    const request = { method: 'POST', url: '/api/v1/promotions' } as const
    const asked = await test.as('admin', { ...request, payload: { ...payload, dryRun: true } })
    expect([asked.statusCode, asked.json()]).toEqual([200, { verdict: 'met', reasons: [] }])
    const promoted = await test.as('admin', { ...request, payload })
    expect(promoted.statusCode).toBe(202)
    promotionSchema.parse(promoted.json())
    expect(test.calls.map(({ method }) => method)).toEqual(['findRelease', 'gate', 'findRelease', 'promote'])
  })
})

describe('secrets', () => {
  it('are written with an audit event that does not hold the value, and are never read', async () => {
    const url = '/api/v1/environments/dev/secrets/tls%2Ekey'
    const response = await test.as('keeper', { method: 'PUT', url, payload: { value: 'hunter2' } })
    expect(response.json()).toEqual({ name: 'tls.key', version: 'v1' })
    const [event] = await test.store.events(0, 10)
    expect(event).toMatchObject({ kind: 'secret.written', environment: 'dev', actor: 'keeper@example.com' })
    expect(JSON.stringify(event)).not.toContain('hunter2')
    const list = await test.as('admin', { url: '/api/v1/environments/dev/secrets' })
    expect(list.json()).toEqual({ items: [{ name: 'tls.key', version: 'v1' }] })
    expect((await test.as('admin', { url })).statusCode).toBe(405)
  })
})
