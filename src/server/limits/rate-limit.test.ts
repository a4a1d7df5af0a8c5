import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { problemSchema } from '../schemas/problem.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

let test: TestServer

beforeEach(async () => {
  const rate = { burst: 3, perSecond: 0.1 }
  test = await startServer({ requests: { tokenRate: rate, strangerRate: rate } })
})

afterEach(() => test.close())

const WHOAMI = { url: '/api/v1/whoami' } as const

const stranger = (url: string = WHOAMI.url, remoteAddress = '192.0.2.1') =>
  test.server.inject({ url, remoteAddress, headers: { host: 'localhost', authorization: 'Bearer slu_x' } })

async function times<T>(count: number, work: () => Promise<T>): Promise<readonly T[]> {
  const all: T[] = []
  while (all.length < count) all.push(await work())
  return all
}

describe('requests', () => {
  it('beyond the rate of a token are refused until there is room again', async () => {
    const answers = await times(4, () => test.as('viewer', WHOAMI))
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 429])
    expect(answers[0]?.headers).toMatchObject({
      'ratelimit-policy': '"token";q=3;w=30',
      ratelimit: '"token";r=2;t=10',
    })
    const refused = answers[3]
    expect(refused?.headers).toMatchObject({ 'retry-after': '10', ratelimit: '"token";r=0;t=30' })
    expect(problemSchema.parse(refused?.json())).toMatchObject({
      type: 'urn:sluice:problem:too-many-requests',
      retryAfterSeconds: 10,
    })
    test.clock.time += 10_000
    expect((await test.as('viewer', WHOAMI)).statusCode).toBe(200)
  })

  it('of one token leave those of the others alone', async () => {
    await times(5, () => test.as('viewer', WHOAMI))
    expect((await test.as('admin', WHOAMI)).statusCode).toBe(200)
  })

  it('without a valid token are counted by address, so that nobody tries many', async () => {
    const answers = await times(4, () => stranger())
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401, 429])
    expect(answers[3]?.headers).toMatchObject({
      'ratelimit-policy': '"address";q=3;w=30',
      'retry-after': '10',
    })
    expect((await stranger('/api/openapi.json')).statusCode).toBe(429)
    expect((await stranger('/nothing')).statusCode).toBe(429)
    expect((await stranger(WHOAMI.url, '192.0.2.2')).statusCode).toBe(401)
  })

  it('with a valid token are not held up by strangers at the same address', async () => {
    await times(5, () => stranger(WHOAMI.url, '127.0.0.1'))
    expect((await test.as('viewer', WHOAMI)).statusCode).toBe(200)
  })

  it('of load balancers for the health are never counted', async () => {
    for (const url of ['/healthz', '/readyz'])
      for (const { statusCode, headers } of await times(9, () => stranger(url))) {
        expect(statusCode).toBe(200)
        expect(headers.ratelimit).toBeUndefined()
      }
    expect((await stranger()).statusCode).toBe(401)
  })

  it('for a stream count when it is opened', async () => {
    await times(3, () => test.as('viewer', { url: '/api/v1/events?after=999999' }))
    expect((await test.as('viewer', { url: '/api/v1/events?after=999999' })).statusCode).toBe(429)
  })
})
