import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { anEntry, aPromotion, aRelease, aRollout } from '../../store/store-fixtures.ts'
import type { LogLine } from '../../targets/target.ts'
import { listen } from '../listen.ts'
import type { LogSource } from '../ports.ts'
import { readEvents } from '../testing/event-reader.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

const POLL = { timeout: 10_000, interval: 10 }
const line: LogLine = { at: 1, color: 'green', instance: 'web-1', stream: 'stdout', text: 'hello' }

const logs: LogSource = async function* (_service, { follow }, signal) {
  yield line
  if (!follow) return
  await new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')))
  })
}

let test: TestServer
let origin: string

beforeEach(async () => {
  test = await startServer({ streams: { heartbeatMilliseconds: 50, stalledMilliseconds: 1000 }, logs })
  origin = await listen(test.server, { host: '127.0.0.1', port: 0 })
})

afterEach(() => test.close())

const record = async (count: number, message = 'it happened') => {
  const entries = Array.from({ length: count }, () => anEntry({ message }))
  await test.store.record([], entries)
}

const open = (query = '', headers: Record<string, string> = {}, role = 'viewer') =>
  readEvents({ origin, path: `/api/v1/events${query}`, headers: { ...test.headersOf(role), ...headers } })

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

const connections = () =>
  new Promise<number>(resolve => test.server.server.getConnections((_error, count) => resolve(count)))

describe('live events', () => {
  it('begin now and bring what is recorded from then on', async () => {
    await record(3)
    const client = open()
    await expect.poll(client.text, POLL).toContain('retry: 1000')
    await record(2)
    await expect.poll(client.ids, POLL).toEqual([4, 5])
    expect(client.text()).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(client.text()).toContain('content-type: text/event-stream')
    expect(client.text()).toContain('event: promotion.requested\ndata: {')
  })

  it('resume after an event without a gap and without a repetition, in batches', async () => {
    await record(1234)
    const client = open('', { 'last-event-id': '7' })
    await expect.poll(() => client.ids().length, POLL).toBe(1227)
    await record(3)
    await expect.poll(client.ids, POLL).toEqual(numbers(8, 1237))
  })

  it('resume from the address; what a browser sends after a break counts more', async () => {
    await record(5)
    const client = open('?after=0', { 'last-event-id': '4' })
    await expect.poll(client.ids, POLL).toEqual([5])
  })

  it('bring the same to every client', async () => {
    const clients = [open(), open(), open()]
    for (const client of clients) await expect.poll(client.text, POLL).toContain('retry')
    await Promise.all([record(50), record(50), record(50)])
    for (const client of clients) await expect.poll(client.ids, POLL).toEqual(numbers(1, 150))
  })

  it('send a comment when there is nothing to say', async () => {
    const client = open()
    await expect.poll(client.text, POLL).toContain('\n: \n')
  })

  it('hide environments that the caller may not read', async () => {
    const client = open('?after=0', {}, 'developer')
    await test.store.record(
      [],
      [anEntry({ environment: 'prod' }), anEntry({ environment: 'dev' }), anEntry()],
    )
    await expect.poll(client.ids, POLL).toEqual([2, 3])
  })

  it('end for a client that takes nothing, which then resumes where it was', async () => {
    const client = open('?after=0')
    await expect.poll(client.text, POLL).toContain('retry')
    client.socket.pause()
    for (let round = 0; round < 20; round += 1) await record(200, 'x'.repeat(4000))
    await expect.poll(connections, POLL).toBe(0)
    client.socket.resume()
    await expect.poll(client.isClosed, POLL).toBe(true)
    const last = client.ids().at(-1) ?? 0
    expect(last).toBeLessThan(4000)
    const again = open('', { 'last-event-id': String(last) })
    await expect.poll(() => again.ids().length, POLL).toBe(4000 - last)
  })

  it('end when the token is revoked, and when it expires', async () => {
    const client = open()
    await expect.poll(client.text, POLL).toContain('retry')
    const tokens = await test.store.tokens()
    const { id } = tokens.find(({ roles }) => roles.includes('viewer')) ?? { id: '' }
    const other = open('', {}, 'reviewer')
    await test.as('admin', { method: 'DELETE', url: `/api/v1/tokens/${id}` })
    await expect.poll(client.isClosed, POLL).toBe(true)
    expect(other.isClosed()).toBe(false)
    test.clock.time += 3_600_000
    await expect.poll(other.isClosed, POLL).toBe(true)
  })

  it('end at once when the token is revoked, with nothing of what happened after', async () => {
    await test.close()
    test = await startServer({ streams: { heartbeatMilliseconds: 60_000, stalledMilliseconds: 60_000 } })
    origin = await listen(test.server, { host: '127.0.0.1', port: 0 })
    const client = open()
    await expect.poll(client.text, POLL).toContain('retry')
    const { id } = (await test.store.tokens()).find(({ roles }) => roles.includes('viewer')) ?? { id: '' }
    await test.as('admin', { method: 'DELETE', url: `/api/v1/tokens/${id}` })
    await record(1, 'after the token')
    await expect.poll(client.isClosed, POLL).toBe(true)
    expect(client.text()).not.toContain('after the token')
  })

  it('end when the server closes', async () => {
    const client = open()
    await expect.poll(client.text, POLL).toContain('retry')
    await test.server.close()
    await expect.poll(client.isClosed, POLL).toBe(true)
    expect(client.text()).toMatch(/\r\n0\r\n\r\n$/)
  })
})

describe('places', () => {
  beforeEach(async () => {
    await test.close()
    test = await startServer({
      streams: { heartbeatMilliseconds: 50, stalledMilliseconds: 1000, places: { total: 3, aToken: 2 } },
    })
    origin = await listen(test.server, { host: '127.0.0.1', port: 0 })
  })

  const opened = async (role: string) => {
    const client = open('', {}, role)
    await expect.poll(client.text, POLL).toMatch(/\r\n\r\n./)
    return client
  }

  it('of a token are limited by 429, those of all by 503, both with Retry-After', async () => {
    for (const role of ['viewer', 'viewer']) expect((await opened(role)).text()).toContain('200 OK')
    const tooMany = await opened('viewer')
    expect(tooMany.text()).toMatch(/^HTTP\/1\.1 429 /)
    expect(tooMany.text()).toContain('retry-after: 30')
    expect((await opened('reviewer')).text()).toContain('200 OK')
    const full = await opened('admin')
    expect(full.text()).toMatch(/^HTTP\/1\.1 503 /)
    expect(full.text()).toContain('retry-after: 30')
  })

  it('are free again when a client leaves, is cut off, or was gone before it began', async () => {
    const clients = [await opened('viewer'), await opened('viewer')]
    for (const { socket } of clients) socket.destroy()
    const again = async () => {
      const client = await opened('viewer')
      client.socket.destroy()
      return client.text().slice(0, 12)
    }
    for (let round = 0; round < 5; round += 1) await expect.poll(again, POLL).toBe('HTTP/1.1 200')
  })
})

describe('logs', () => {
  const path = '/api/v1/environments/prod/services/web/logs'

  beforeEach(async () => {
    const release = aRelease()
    const promotion = aPromotion(release)
    const rollout = aRollout(promotion)
    await test.store.record(
      [
        { kind: 'release', value: release },
        { kind: 'promotion', value: promotion },
        { kind: 'rollout', value: rollout },
      ],
      [],
    )
  })

  it('are lines of JSON and end with the past', async () => {
    const response = await test.as('viewer', { url: `${path}?tail=5` })
    expect(response.headers['content-type']).toBe('application/x-ndjson')
    expect(response.body).toBe(`\n${JSON.stringify(line)}\n`)
  })

  it('go on with empty lines until the server closes', async () => {
    const client = readEvents({ origin, path: `${path}?follow=true`, headers: test.headersOf('viewer') })
    await expect.poll(client.text, POLL).toContain('"hello"')
    await expect.poll(() => client.text().split('\r\n1\r\n\n').length, POLL).toBeGreaterThan(3)
    await test.server.close()
    await expect.poll(client.isClosed, POLL).toBe(true)
    expect(client.text()).toMatch(/\r\n0\r\n\r\n$/)
  })
})
