import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ControlPlane } from '../../engine/control-plane.ts'
import { type Store, StoreUnavailable } from '../../engine/ports.ts'
import { UserError } from '../../model/user-error.ts'
import { openMemoryStore } from '../../store/sqlite/open-sqlite-store.ts'
import { listen } from '../listen.ts'
import { fakeControlPlane } from '../testing/fake-control-plane.ts'
import { promotion } from '../testing/fixtures.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

const DAY_MILLISECONDS = 24 * 3600 * 1000
const PROMOTE = {
  method: 'POST',
  url: '/api/v1/promotions',
  payload: { release: 'latest', environment: 'prod' },
} as const
const TOKEN = {
  method: 'POST',
  url: '/api/v1/tokens',
  payload: { name: 'x', kind: 'person', roles: ['guest'], expiresSeconds: 60 },
} as const

let store: Store
let test: TestServer

beforeEach(async () => {
  store = await openMemoryStore()
  test = await startServer({ store })
})

afterEach(async () => {
  await test.close()
  await store.close()
})

type Request = Parameters<TestServer['as']>[1]

const send = (request: Request, key = 'k-1', role = 'admin') =>
  test.as(role, { ...request, headers: { 'idempotency-key': key } })

const promoted = () => test.calls.filter(({ method }) => method === 'promote').length

/** Another server on the same store whose promotions go as told. */
async function serving(promote: ControlPlane['promote']) {
  await test.close()
  test = await startServer({ store, controlPlane: fakeControlPlane({ promote }).controlPlane })
}

describe('a write with an idempotency key', () => {
  it('is done once, and answered again as it was', async () => {
    const first = await send(PROMOTE)
    const again = await send(PROMOTE)
    expect([first.statusCode, again.statusCode]).toEqual([202, 202])
    expect(again.body).toBe(first.body)
    expect(again.headers['content-type']).toBe(first.headers['content-type'])
    expect(first.headers['idempotency-replayed']).toBeUndefined()
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(promoted()).toBe(1)
  })

  it('is the same write however its JSON is written, and its key in quotes or not', async () => {
    await send(PROMOTE, '"k-1"')
    const headers = { 'content-type': 'application/json' }
    const payload = '{ "environment": "prod",\n "release": "latest" }'
    const again = await test.as('admin', {
      ...PROMOTE,
      payload,
      headers: { ...headers, 'idempotency-key': 'k-1' },
    })
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(promoted()).toBe(1)
  })

  it.each([
    ['another body', { ...PROMOTE, payload: { release: 'latest', environment: 'dev' } }],
    ['another address', { method: 'POST', url: '/api/v1/rollouts/prod-1.web/advance' }],
    ['another query', { ...PROMOTE, url: `${PROMOTE.url}?x=1` }],
    ['another method', { method: 'DELETE', url: '/api/v1/tokens/t-1' }],
  ] as const)('refuses its key with %s by 422', async (_what, request) => {
    await send(PROMOTE)
    const response = await send(request)
    expect(response.statusCode).toBe(422)
    expect(response.json()).toMatchObject({ type: 'urn:sluice:problem:key-reused' })
    expect(promoted()).toBe(1)
  })

  it('has nothing to do with the same key of another token', async () => {
    await send(PROMOTE)
    expect((await send(PROMOTE, 'k-1', 'operator')).headers['idempotency-replayed']).toBeUndefined()
    expect(promoted()).toBe(2)
  })

  it('is answered again by another replica', async () => {
    await send(PROMOTE)
    await test.close()
    const { tokenOf } = test
    test = await startServer({ store })
    const headers = { host: 'localhost', authorization: `Bearer ${tokenOf.get('admin')}` }
    const again = await test.server.inject({ ...PROMOTE, headers: { ...headers, 'idempotency-key': 'k-1' } })
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(promoted()).toBe(0)
  })

  it('is a new one after a day', async () => {
    const payload = { ...TOKEN.payload, roles: ['operator'], expiresSeconds: 3 * 24 * 3600 }
    const { token } = (await test.as('admin', { ...TOKEN, payload })).json<{ token: string }>()
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': 'k-1' }
    const isReplayed = async () =>
      (await test.as('admin', { ...PROMOTE, headers })).headers['idempotency-replayed'] === 'true'
    expect(await isReplayed()).toBe(false)
    test.clock.time += DAY_MILLISECONDS - 1
    expect(await isReplayed()).toBe(true)
    test.clock.time += 1
    expect(await isReplayed()).toBe(false)
    expect(promoted()).toBe(2)
  })

  it('keeps a refusal too, and not what was refused before it began', async () => {
    const refusal = { kind: 'unmet', what: 'a gate says no', remedy: 'wait' } as const
    await serving(() => Promise.resolve({ ok: false, refusal }))
    expect((await send({ ...PROMOTE, payload: { release: 7 } })).statusCode).toBe(400)
    expect((await send(PROMOTE, 'k-1', 'viewer')).statusCode).toBe(403)
    const first = await send(PROMOTE)
    const again = await send(PROMOTE)
    expect([first.statusCode, again.statusCode]).toEqual([422, 422])
    expect(again.headers).toMatchObject({
      'idempotency-replayed': 'true',
      'content-type': 'application/problem+json; charset=utf-8',
    })
    expect(again.body).toBe(first.body)
  })

  it('is told to wait while the first is under way', async () => {
    const held = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    await serving(async () => {
      asked.resolve()
      await held.promise
      return { ok: true, value: promotion }
    })
    const first = send(PROMOTE)
    await asked.promise
    const meanwhile = await send(PROMOTE)
    expect(meanwhile.statusCode).toBe(409)
    expect(meanwhile.headers['retry-after']).toBe('1')
    expect(meanwhile.json()).toMatchObject({ type: 'urn:sluice:problem:under-way' })
    held.resolve()
    expect((await first).statusCode).toBe(202)
    expect((await send(PROMOTE)).statusCode).toBe(202)
  })

  it('is never done again when it was cut off, and says that the outcome is unknown', async () => {
    const { id } = (await store.tokens()).find(({ roles }) => roles.includes('admin')) ?? { id: '' }
    await send(PROMOTE)
    // As a process leaves it that ends between what it does and its answer.
    await store.forgetAnswers(test.clock.time)
    const mark = (await marksOf(() => send(PROMOTE)))[0] ?? ''
    await store.forgetAnswers(test.clock.time)
    await store.reserveAnswer({ token: id, key: 'k-1', request: mark, at: test.clock.time }, 0)
    const done = promoted()
    expect((await send(PROMOTE)).json()).toMatchObject({ type: 'urn:sluice:problem:under-way' })
    test.clock.time += 60_000
    const late = await send(PROMOTE)
    expect(late.statusCode).toBe(409)
    expect(late.json()).toMatchObject({ type: 'urn:sluice:problem:outcome-unknown' })
    expect(late.json<{ remedy: string }>().remedy).toContain('another key')
    expect(promoted()).toBe(done)
    expect((await send(PROMOTE, 'k-2')).statusCode).toBe(202)
  })

  it('may be tried again at once when nothing was done', async () => {
    let isAway = true
    await serving(() => {
      if (!isAway) return Promise.resolve({ ok: true, value: promotion })
      return Promise.reject(new StoreUnavailable('the store', { what: 'is away', remedy: 'wait' }))
    })
    expect((await send(PROMOTE)).statusCode).toBe(503)
    isAway = false
    const again = await send(PROMOTE)
    expect(again.statusCode).toBe(202)
    expect(again.headers['idempotency-replayed']).toBeUndefined()
  })

  it.each([
    ['the server made a mistake', new Error('the moon is full'), 500],
    [
      'the answer of the store was lost',
      new StoreUnavailable('the store', { what: 'left', remedy: 'wait', outcome: 'unknown' }),
      503,
    ],
  ])('is not done again silently when %s', async (_what, error, status) => {
    let calls = 0
    await serving(() => {
      calls += 1
      return Promise.reject(error)
    })
    expect((await send(PROMOTE)).statusCode).toBe(status)
    const again = await send(PROMOTE)
    expect(again.statusCode).toBe(409)
    expect(again.json()).toMatchObject({ type: 'urn:sluice:problem:outcome-unknown' })
    expect(calls).toBe(1)
  })

  it('shows a token once: neither the store nor a second answer has it', async () => {
    const first = await send(TOKEN)
    const { token } = first.json<{ token: string }>()
    expect(token).toMatch(/^slu_/)
    const kept: string[] = []
    const again = await (async () => {
      const reserve = store.reserveAnswer.bind(store)
      const spied: Store['reserveAnswer'] = async (...given) => {
        const reservation = await reserve(...given)
        if (reservation.kind === 'answered') kept.push(reservation.answer)
        return reservation
      }
      Object.assign(store, { reserveAnswer: spied })
      return await send(TOKEN)
    })()
    expect(again.statusCode).toBe(409)
    expect(again.json()).toMatchObject({ type: 'urn:sluice:problem:already-done' })
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(kept).toHaveLength(1)
    expect(kept.join('')).not.toContain(token)
    expect((await store.tokens()).filter(({ name }) => name === 'x')).toHaveLength(1)
  })

  it('leaves nothing in the store from which a secret could be guessed', async () => {
    const marks = await marksOf(async () => {
      const url = '/api/v1/environments/dev/secrets/a'
      for (const role of ['admin', 'keeper'])
        await send({ method: 'PUT', url, payload: { value: 'hunter2' } }, 'k-1', role)
    })
    expect(new Set(marks).size).toBe(2)
    for (const mark of marks) expect(mark).toMatch(/^[0-9a-f]{64}$/)
  })

  it('keeps its answer when its client left before it', async () => {
    const held = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    await serving(async () => {
      asked.resolve()
      await held.promise
      return { ok: true, value: promotion }
    })
    const { port, host } = new URL(await listen(test.server, { host: '127.0.0.1', port: 0 }))
    const socket = connect(Number(port), '127.0.0.1')
    const body = JSON.stringify(PROMOTE.payload)
    const head = [
      'POST /api/v1/promotions HTTP/1.1',
      `host: ${host}`,
      `authorization: ${test.headersOf('admin').authorization}`,
      'content-type: application/json',
      `content-length: ${body.length}`,
      'idempotency-key: k-1',
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
    await asked.promise
    socket.destroy()
    await once(socket, 'close')
    held.resolve()
    await expect.poll(async () => (await send(PROMOTE)).headers['idempotency-replayed']).toBe('true')
  })

  it.each(['', ' ', 'a b', 'x'.repeat(129), '"open', 'a, b', 'ä'])('refuses %j as a key', async key => {
    const response = await send(PROMOTE, key)
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({ type: 'urn:sluice:problem:invalid' })
    expect(promoted()).toBe(0)
  })

  it('gives its answer even when it could not be kept', async () => {
    const keepAnswer = () => Promise.reject(new UserError('the store', 'is full', 'free some space'))
    Object.assign(store, { keepAnswer })
    expect((await send(PROMOTE)).statusCode).toBe(202)
    expect((await send(PROMOTE)).json()).toMatchObject({ type: 'urn:sluice:problem:under-way' })
    expect(promoted()).toBe(1)
  })

  it('reads are not concerned', async () => {
    const request = { url: '/api/v1/releases' } as const
    for (const _ of [1, 2]) expect((await send(request)).headers['idempotency-replayed']).toBeUndefined()
  })
})

/** What the store is told to tell requests apart. */
async function marksOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  const marks: string[] = []
  const reserve = store.reserveAnswer.bind(store)
  const spied: Store['reserveAnswer'] = (request, forgetUntil) => {
    marks.push(request.request)
    return reserve(request, forgetUntil)
  }
  Object.assign(store, { reserveAnswer: spied })
  await work()
  Object.assign(store, { reserveAnswer: reserve })
  return marks
}
