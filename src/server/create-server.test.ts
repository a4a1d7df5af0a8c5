import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { ControlPlane } from '../engine/control-plane.ts'
import { UserError } from '../model/user-error.ts'
import { anEntry, aPromotion, aRelease, aRollout } from '../store/store-fixtures.ts'
import { listen } from './listen.ts'
import { fakeControlPlane } from './testing/fake-control-plane.ts'
import { rollout } from './testing/fixtures.ts'
import { startServer, type TestServer } from './testing/start-server.ts'

const lineSchema = z.record(z.string(), z.unknown())

let test: TestServer

beforeEach(async () => {
  test = await startServer()
})

afterEach(() => test.close())

describe('responses', () => {
  it('carry headers that keep pages of others out, and allow no other site', async () => {
    const response = await test.as('viewer', {
      url: '/api/v1/status',
      headers: { origin: 'https://evil.example.com' },
    })
    expect(response.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
    expect(Object.keys(response.headers).filter(name => name.startsWith('access-control'))).toEqual([])
    const preflight = await test.as('viewer', { method: 'OPTIONS', url: '/api/v1/status' })
    expect(preflight.statusCode).toBe(405)
  })

  it.each(['localhost', 'LOCALHOST:7777', '127.0.0.1:1', '127.9.9.9', '[::1]:80'])(
    'are given to a request for %s',
    async host => {
      expect((await test.as('viewer', { url: '/api/v1/whoami', headers: { host } })).statusCode).toBe(200)
    },
  )

  it.each(['evil.example.com', 'localhost.evil.example.com', '127.0.0.1.nip.io', '10.0.0.1', '0.0.0.0'])(
    'are refused to a request for %j',
    async host => {
      expect((await test.as('viewer', { url: '/api/v1/whoami', headers: { host } })).statusCode).toBe(421)
      expect((await test.as('viewer', { url: '/healthz', headers: { host } })).statusCode).toBe(200)
    },
  )

  it('are given under the public name where there is one', async () => {
    const other = await startServer({ publicHosts: ['Sluice.example.com'] })
    const headers = { host: 'sluice.example.com:443' }
    expect((await other.as('viewer', { url: '/api/v1/whoami', headers })).statusCode).toBe(200)
    await other.close()
  })
})

describe('the log', () => {
  it('has a line for each request with its actor, and neither tokens nor secrets', async () => {
    const made = await test.as('admin', {
      method: 'POST',
      url: '/api/v1/tokens',
      payload: { name: 'x', kind: 'person', roles: ['guest'], expiresSeconds: 60 },
    })
    const { token } = made.json<{ token: string }>()
    const url = '/api/v1/environments/dev/secrets/a'
    await test.as('admin', { method: 'PUT', url, payload: { value: 'hunter2' } })
    await test.as('admin', { method: 'PUT', url, payload: { value: 7, hunter2: 1 } })
    await test.as('admin', {
      method: 'PUT',
      url,
      headers: { 'content-type': 'application/json' },
      payload: '{hunter2',
    })
    await test.as('admin', { url: `/api/v1/releases?token=${token}` })
    await test.as('admin', { url: `/hunter2/${token}` })
    await test.server.inject({
      url: '/api/v1/status',
      headers: { host: 'localhost', authorization: `Bearer ${token}x` },
    })
    const log = test.log.join('')
    const lines = test.log.map(line => lineSchema.parse(JSON.parse(line)))
    expect(lines.filter(({ msg }) => msg === 'request')).toHaveLength(7)
    expect(lines).toContainEqual(
      expect.objectContaining({
        method: 'PUT',
        route: '/api/v1/environments/:environment/secrets/:name',
        status: 200,
        actor: 'admin@example.com',
      }),
    )
    expect(log).not.toMatch(/slu_|hunter2|authorization|Bearer/i)
  })
})

describe('health', () => {
  it('names the process to whoever started it', async () => {
    const other = await startServer({ instance: 'i-1' })
    expect((await other.as('guest', { url: '/healthz' })).json()).toEqual({ status: 'ok', instance: 'i-1' })
    await other.close()
  })

  it('is ready while the store answers', async () => {
    expect((await test.as('guest', { url: '/readyz' })).statusCode).toBe(200)
    const other = await startServer({ store: failing(test) })
    await other.server.ready()
    const response = await other.as('guest', { url: '/readyz' })
    expect(response.statusCode).toBe(503)
    expect((await other.as('guest', { url: '/healthz' })).statusCode).toBe(200)
    await other.close()
  })
})

/** A store that answers once, at the start, and then no more. */
function failing({ store }: TestServer): TestServer['store'] {
  let asked = 0
  return new Proxy(store, {
    get(target, name) {
      if (name === 'lastSequence')
        return () => (asked++ === 0 ? target.lastSequence() : Promise.reject(new Error('disk gone')))
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

describe('/metrics', () => {
  it('counts requests by route, events, and rollouts by phase', async () => {
    const release = aRelease()
    const promotion = aPromotion(release)
    await test.store.record(
      [
        { kind: 'release', value: release },
        { kind: 'promotion', value: promotion },
        { kind: 'rollout', value: aRollout(promotion) },
      ],
      [],
    )
    await test.as('viewer', { url: '/api/v1/releases/r-abcdef' })
    await test.as('viewer', { url: '/random/address' })
    await test.store.record([], [anEntry()])
    const metrics = async () => (await test.as('viewer', { url: '/metrics' })).body
    await expect.poll(metrics).toContain('sluice_events_total{kind="promotion.requested"} 1')
    const text = await metrics()
    expect(text).toContain('_count{method="GET",route="/api/v1/releases/:ref",status="200"} 1')
    expect(text).toContain('_count{method="GET",route="unmatched",status="404"} 1')
    expect(text).toContain('sluice_rollouts_open{environment="prod",phase="preflight"} 1')
    expect(text).toMatch(/sluice_build_info\{version="1\.2\.3",node="v\d+/)
    expect(text).toContain('process_cpu_seconds_total')
    expect(text).not.toContain('/random')
  })

  it('needs a token unless it is open', async () => {
    const headers = { host: 'localhost' }
    expect((await test.server.inject({ url: '/metrics', headers })).statusCode).toBe(401)
    const other = await startServer({ metrics: { open: true } })
    expect((await other.server.inject({ url: '/metrics', headers })).statusCode).toBe(200)
    await other.close()
  })
})

describe('closing', () => {
  it('finishes what is in flight and says meanwhile that it is not ready', async () => {
    const held = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    const command: ControlPlane['command'] = async () => {
      asked.resolve()
      await held.promise
      return { ok: true, value: rollout }
    }
    const other = await startServer({ controlPlane: fakeControlPlane({ command }).controlPlane })
    const { port, host } = new URL(await listen(other.server, { host: '127.0.0.1', port: 0 }))
    const authorization = other.headersOf('admin').authorization
    const socket = connect(Number(port), '127.0.0.1')
    const answers: string[] = []
    socket.on('data', chunk => answers.push(chunk.toString()))
    socket.write(
      `POST /api/v1/rollouts/prod-1.web/advance HTTP/1.1\r\nhost: ${host}\r\nauthorization: ${authorization}\r\n\r\n`,
    )
    await asked.promise
    const closed = other.server.close()
    const received = once(other.server.server, 'request')
    // On the connection that is kept open by the request in flight.
    socket.write(`GET /readyz HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
    await received
    held.resolve()
    await closed
    await other.close()
    await expect
      .poll(() => answers.join(''))
      .toMatch(/^HTTP\/1\.1 202 [\s\S]*HTTP\/1\.1 503 [\s\S]*about to stop/)
  })
})

describe('listen', () => {
  it('takes loopback addresses', async () => {
    expect(await listen(test.server, { host: '127.0.0.1', port: 0 })).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  })

  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.com'])(
    'refuses %s while nobody has a token',
    async host => {
      const other = await startServer({ publicHosts: ['example.com'] })
      const tokens = await other.store.tokens()
      other.clock.time += 3_600_000
      await expect(listen(other.server, { host, port: 0 })).rejects.toThrow(UserError)
      await expect(listen(other.server, { host, port: 0 })).rejects.toThrow('sluice token create')
      expect(tokens.length).toBeGreaterThan(0)
      await other.close()
    },
  )

  it('does not count the token of the project folder', async () => {
    const other = await startServer({ publicHosts: ['example.com'] })
    await other.server.ready()
    const [first, ...rest] = await other.store.tokens()
    for (const token of rest)
      await other.store.record([{ kind: 'token', value: { ...token, revokedAt: 1 } }], [])
    await other.server.sluice.tokens.refresh()
    const localTokenId = first?.id ?? ''
    await expect(listen(other.server, { host: '0.0.0.0', port: 0, localTokenId })).rejects.toThrow(
      'nobody has a token',
    )
    expect(await listen(other.server, { host: '0.0.0.0', port: 0 })).toContain('http')
    await other.close()
  })

  it('refuses an address for others without a name that they may use', async () => {
    await expect(listen(test.server, { host: '0.0.0.0', port: 0 })).rejects.toThrow('public hosts')
  })
})
