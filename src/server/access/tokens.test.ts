import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../model/sha256.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'
import { mintToken } from './token.ts'

let test: TestServer

beforeEach(async () => {
  test = await startServer()
})

afterEach(() => test.close())

const whoami = (token: string) =>
  test.server.inject({
    url: '/api/v1/whoami',
    headers: { host: 'localhost', authorization: `Bearer ${token}` },
  })

const create = (role: string, payload: Record<string, unknown>) =>
  test.as(role, {
    method: 'POST',
    url: '/api/v1/tokens',
    payload: { name: 'ada@example.com', kind: 'person', roles: ['viewer'], expiresSeconds: 60, ...payload },
  })

describe('tokens', () => {
  it('are shown once, kept as a hash, and work at once', async () => {
    const made = (await create('admin', {})).json<{ token: string; id: string }>()
    expect(made.token).toMatch(/^slu_[A-Za-z0-9_-]{43}$/)
    expect((await whoami(made.token)).json()).toMatchObject({
      name: 'ada@example.com',
      permissions: ['read'],
      environments: { dev: ['read'], prod: ['read'] },
    })
    const kept = (await test.store.tokens()).find(({ id }) => id === made.id)
    expect(kept?.hash).toBe(sha256(made.token))
    const list = await test.as('admin', { url: '/api/v1/tokens' })
    expect(list.body).not.toContain(made.token)
    expect(list.body).not.toContain('hash')
    expect(JSON.stringify(await test.store.events(0, 100))).not.toContain(made.token)
  })

  it('end when they expire', async () => {
    const { token } = (await create('admin', { expiresSeconds: 60 })).json<{ token: string }>()
    test.clock.time += 59_999
    expect((await whoami(token)).statusCode).toBe(200)
    test.clock.time += 1
    expect((await whoami(token)).statusCode).toBe(401)
  })

  it('end at once when they are revoked, and again without harm', async () => {
    const { token, id } = (await create('admin', {})).json<{ token: string; id: string }>()
    const revoke = () => test.as('admin', { method: 'DELETE', url: `/api/v1/tokens/${id}` })
    expect((await revoke()).statusCode).toBe(200)
    expect((await whoami(token)).statusCode).toBe(401)
    expect((await revoke()).statusCode).toBe(200)
    const events = (await test.store.events(0, 100)).map(({ kind }) => kind)
    expect(events.filter(kind => kind === 'token.revoked')).toHaveLength(1)
  })

  it('work when another process has recorded them', async () => {
    await test.server.ready()
    const { text, token } = mintToken({
      name: 'eve',
      kind: 'automation',
      roles: ['ci'],
      expiresAt: 2e12,
      now: 1,
    })
    const entry = { at: 1, actor: 'ada', kind: 'token.created', message: 'made' } as const
    await test.store.record([{ kind: 'token', value: token }], [entry])
    await expect.poll(async () => (await whoami(text)).statusCode).toBe(200)
  })

  it.each(['slu_', `slu_${'A'.repeat(43)}`, `slu_${'A'.repeat(44)}`, 'Bearer x', '', '__proto__'])(
    'are refused when nobody made them: %s',
    async token => {
      expect((await whoami(token)).statusCode).toBe(401)
    },
  )

  it('can’t permit more than the token that makes them', async () => {
    const response = await create('keeper', { roles: ['admin'] })
    expect(response.statusCode).toBe(403)
    expect(response.json<{ detail: string }>().detail).toContain('break-glass')
    expect((await create('keeper', { roles: ['keeper'] })).statusCode).toBe(201)
  })

  it('can’t be revoked by one that permits less', async () => {
    const { token, id } = (await create('admin', { roles: ['admin'] })).json<{ token: string; id: string }>()
    const revoke = (role: string) => test.as(role, { method: 'DELETE', url: `/api/v1/tokens/${id}` })
    expect((await revoke('keeper')).statusCode).toBe(403)
    expect((await whoami(token)).statusCode).toBe(200)
    expect((await revoke('admin')).statusCode).toBe(200)
  })

  it('have roles that the policy knows', async () => {
    const response = await create('admin', { roles: ['viewer', 'king', 'constructor'] })
    expect(response.statusCode).toBe(400)
    expect(response.json<{ detail: string }>().detail).toContain('king, constructor')
  })

  it.each([
    ['Sluice'],
    ['a\r\nset-cookie: b'],
    ['a\u001b[2J'],
    [' ada'],
    [''],
    ['ＡＤＡ'],
    ['cafe\u0301'],
    ['ada\u00a0b'],
  ])('have names that nobody takes for another: %j is refused', async name => {
    expect((await create('admin', { name })).statusCode).toBe(400)
  })

  it('are listed page by page', async () => {
    const first = (await test.as('admin', { url: '/api/v1/tokens?limit=5' })).json<{
      items: { id: string }[]
      next: string
    }>()
    const rest = await test.as('admin', { url: `/api/v1/tokens?limit=5&cursor=${first.next}` })
    const second = rest.json<{ items: { id: string }[]; next?: string }>()
    expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(8)
    expect(second.next).toBeUndefined()
  })
})
