import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ControlPlane, Refusal } from '../../engine/control-plane.ts'
import { DatabaseDamaged, StoreUnavailable } from '../../engine/ports.ts'
import { listen } from '../listen.ts'
import { problemSchema } from '../schemas/problem.ts'
import { fakeControlPlane } from '../testing/fake-control-plane.ts'
import { releaseRequest } from '../testing/fixtures.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const POST = { method: 'POST', url: '/api/v1/promotions', headers: JSON_TYPE } as const
const PUT = { method: 'PUT', payload: { value: 'hunter2' } } as const
const LONG = 'x'.repeat(1100 * 1024)

let test: TestServer

beforeAll(async () => {
  test = await startServer()
})

afterAll(() => test.close())

const cases = [
  ['an unknown address', 404, 'not-found', { url: '/api/v1/nothing' }],
  ['another method', 405, 'method-not-allowed', { method: 'PATCH', url: '/api/v1/releases/latest' }],
  ['a broken escape in the address', 400, 'malformed-request', { url: '/api/v1/releases/%zz' }],
  [
    'a part of the path that is too long',
    414,
    'address-too-long',
    { url: `/api/v1/rollouts/${'x'.repeat(300)}` },
  ],
  ['malformed JSON', 400, 'malformed-request', { ...POST, payload: '{"release": "hunter2' }],
  ['an empty JSON body', 400, 'malformed-request', { ...POST, payload: '' }],
  ['a field __proto__', 400, 'malformed-request', { ...POST, payload: '{"__proto__": {"a": 1}}' }],
  [
    'a body of another type',
    415,
    'unsupported-media-type',
    { ...POST, headers: { 'content-type': 'text/plain' }, payload: 'a' },
  ],
  [
    'a body without a type',
    415,
    'unsupported-media-type',
    { ...POST, headers: { 'content-type': '' }, payload: 'a' },
  ],
  ['no body where one is needed', 400, 'invalid', { method: 'POST', url: '/api/v1/promotions' }],
  ['a body above 1 MiB', 413, 'too-large', { ...POST, payload: JSON.stringify({ release: LONG }) }],
  ['an unknown query field', 400, 'invalid', { url: '/api/v1/releases?limits=3' }],
  ['a limit above 200', 400, 'invalid', { url: '/api/v1/releases?limit=201' }],
  ['a cursor that nobody gave', 400, 'invalid', { url: '/api/v1/releases?cursor=AAAA' }],
  ['a cursor of tokens that nobody gave', 400, 'invalid', { url: '/api/v1/tokens?cursor=AAAA' }],
  [
    'a digest that leaves its folder',
    400,
    'invalid',
    { method: 'HEAD', url: '/api/v1/artifacts/..%2f..%2fetc%2fpasswd' },
  ],
  [
    'a digest in capitals',
    400,
    'invalid',
    { method: 'HEAD', url: `/api/v1/artifacts/sha256:${'A'.repeat(64)}` },
  ],
  [
    'a path that leaves its folder',
    404,
    'not-found',
    { method: 'HEAD', url: '/api/v1/artifacts/../../etc/passwd' },
  ],
  [
    'a secret name that leaves its folder',
    400,
    'invalid',
    { ...PUT, url: '/api/v1/environments/dev/secrets/..%2Fx' },
  ],
  ['an unknown environment', 404, 'not-found', { url: '/api/v1/environments/qa/secrets' }],
  ['an unknown promotion', 404, 'not-found', { url: '/api/v1/promotions/prod-9' }],
  ['an unknown rollout', 404, 'not-found', { url: '/api/v1/rollouts/prod-9.web' }],
  ['an unknown token', 404, 'not-found', { method: 'DELETE', url: '/api/v1/tokens/t-9' }],
  ['a service that was never there', 404, 'not-found', { url: '/api/v1/environments/dev/services/web/logs' }],
  ['events that are not there yet', 409, 'conflict', { url: '/api/v1/events?after=99999' }],
  ['a broken Last-Event-ID', 400, 'invalid', { url: '/api/v1/events', headers: { 'last-event-id': 'x' } }],
  ['a DELETE of a health check', 405, 'method-not-allowed', { method: 'DELETE', url: '/healthz' }],
  ['another host', 421, 'misdirected', { url: '/api/v1/status', headers: { host: 'evil.example.com' } }],
] as const

const buggy: ControlPlane['status'] = () => Promise.reject(new Error('the moon is full'))

describe('problems', () => {
  it.each(cases)('answers %s by %i %s with a remedy', async (_what, status, kind, request) => {
    const response = await test.as('admin', request)
    expect(response.statusCode).toBe(status)
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8')
    if ('method' in request && request.method === 'HEAD') return
    const problem = problemSchema.parse(response.json())
    expect(problem).toMatchObject({ status, type: `urn:sluice:problem:${kind}` })
    expect(problem.requestId).toBe(response.headers['x-request-id'])
    expect(problem.remedy).not.toBe('')
    expect(response.body).not.toContain('hunter2')
  })

  it('says which methods an address takes', async () => {
    const response = await test.as('admin', { method: 'PUT', url: '/api/v1/releases' })
    expect(response.headers.allow).toBe('GET, POST')
  })

  it('tells everything that is wrong with a body at once, unknown fields by name', async () => {
    const web = { ...releaseRequest.environments['dev']?.['web'], port: 'http', replica: 3 }
    const environments = { ...releaseRequest.environments, dev: { web } }
    const body = { ...releaseRequest, environments, project: 7, author: 'mallory' }
    const response = await test.as('ci', { method: 'POST', url: '/api/v1/releases', payload: body })
    expect(response.statusCode).toBe(400)
    const { problems = [] } = problemSchema.parse(response.json())
    expect(problems.map(({ path }) => path).toSorted()).toEqual([
      'body.author',
      'body.environments.dev.web.port',
      'body.environments.dev.web.replica',
      'body.project',
    ])
    expect(problems.every(({ remedy }) => remedy !== '')).toBe(true)
  })

  it.each([
    ['not-found', 404],
    ['invalid', 400],
    ['forbidden', 403],
    ['conflict', 409],
    ['unmet', 422],
  ] as const)('answers a refusal %s by %i with its reasons', async (kind, status) => {
    const reasons = [{ state: 'failed', gate: 'check', reason: 'no unit', remedy: 'run it' }] as const
    const refusal: Refusal = { kind, what: 'it is so', remedy: 'do this', reasons }
    const promote: ControlPlane['promote'] = () => Promise.resolve({ ok: false, refusal })
    const other = await startServer({ controlPlane: fakeControlPlane({ promote }).controlPlane })
    const payload = { release: 'latest', environment: 'prod' }
    const response = await other.as('admin', { method: 'POST', url: '/api/v1/promotions', payload })
    expect(response.statusCode).toBe(status)
    expect(response.json()).toMatchObject({ detail: 'it is so', remedy: 'do this', reasons })
    await other.close()
  })

  it('tells nothing of a bug but the request id, and logs it with its stack', async () => {
    const other = await startServer({ controlPlane: fakeControlPlane({ status: buggy }).controlPlane })
    const response = await other.as('admin', { url: '/api/v1/status', headers: { 'x-request-id': 'abc-1' } })
    expect(response.statusCode).toBe(500)
    expect(response.body).not.toContain('moon')
    expect(problemSchema.parse(response.json()).requestId).toBe('abc-1')
    const line = other.log.find(entry => entry.includes('moon'))
    expect(line).toContain('abc-1')
    expect(line).toContain('problems.test.ts')
    await other.close()
  })

  it('says that the disk is full, where it is', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    })
    const failing = await startServer({
      artifacts: { verify: () => Promise.resolve('missing'), put: () => Promise.reject(full) },
    })
    const response = await failing.as('ci', {
      method: 'PUT',
      url: `/api/v1/artifacts/sha256:${'a'.repeat(64)}`,
      headers: { 'content-type': 'application/octet-stream' },
      payload: Buffer.from('a'),
    })
    expect(response.statusCode).toBe(503)
    expect(response.json<{ remedy: string }>().remedy).toContain('free some space')
    await failing.close()
  })

  it.each([
    ['nothing recorded', 'the database is away'],
    ['unknown', 'look before you ask again'],
  ] as const)('says what to do while the store does not answer (%s)', async (outcome, words) => {
    const away = new StoreUnavailable('db.example.com', {
      what: 'the database is away',
      remedy: 'wait',
      outcome,
    })
    const status: ControlPlane['status'] = () => Promise.reject(away)
    const other = await startServer({ controlPlane: fakeControlPlane({ status }).controlPlane })
    const response = await other.as('admin', { url: '/api/v1/status' })
    expect(response.statusCode).toBe(503)
    expect(response.headers['retry-after']).toBe('5')
    const problem = problemSchema.parse(response.json())
    expect(problem).toMatchObject({ type: 'urn:sluice:problem:unavailable', remedy: 'wait' })
    expect(problem.detail).toContain('db.example.com: the database is away')
    expect(problem.detail).toContain(words)
    await other.close()
  })

  it('says what to do about a damaged database, and not to try again', async () => {
    const status: ControlPlane['status'] = () =>
      Promise.reject(new DatabaseDamaged('sluice.db', 'is damaged'))
    const other = await startServer({ controlPlane: fakeControlPlane({ status }).controlPlane })
    const response = await other.as('admin', { url: '/api/v1/status' })
    expect(response.statusCode).toBe(503)
    expect(response.headers['retry-after']).toBeUndefined()
    expect(response.json()).toMatchObject({
      detail: 'sluice.db: is damaged',
      remedy: 'restore it from a backup',
    })
    await other.close()
  })

  it('does not take over a request id that could confuse a log', async () => {
    const given = 'a"} {"level":"fatal'
    const response = await test.as('admin', { url: '/healthz', headers: { 'x-request-id': given } })
    expect(response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })
})

describe('broken connections', () => {
  const send = async (bytes: string): Promise<string> => {
    const origin = await address
    const socket = connect(Number(origin.port), origin.hostname)
    socket.write(bytes)
    return await text(socket)
  }
  let address: Promise<URL>

  beforeAll(() => {
    address = listen(test.server, { host: '127.0.0.1', port: 0 }).then(origin => new URL(origin))
  })

  it.each([
    ['no HTTP', 'hello\r\n\r\n', '400 Malformed request'],
    [
      'headers above 16 KiB',
      `GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`,
      '431 Headers too large',
    ],
    [
      'a header with a lone carriage return',
      'GET / HTTP/1.1\r\nhost: a\r\nx: a\rb: c\r\n\r\n',
      '400 Malformed request',
    ],
    [
      'both content-length and transfer-encoding',
      'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      '400 Malformed request',
    ],
  ])('answers %s by a problem and closes', async (_what, bytes, status) => {
    const answer = await send(bytes)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status}\r\n`))
    expect(answer).toContain('content-type: application/problem+json')
  })

  it('answers a body that comes drop by drop by 408 and closes', async () => {
    const other = await startServer({ requests: { bodyMilliseconds: 50 } })
    const origin = new URL(await listen(other.server, { host: '127.0.0.1', port: 0 }))
    const socket = connect(Number(origin.port), origin.hostname)
    const { authorization } = other.headersOf('admin')
    const head = [
      'POST /api/v1/promotions HTTP/1.1',
      `host: ${origin.host}`,
      `authorization: ${authorization}`,
    ]
    socket.write(`${head.join('\r\n')}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`)
    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1.1 408 /)
    expect(answer).toContain('urn:sluice:problem:timeout')
    await other.close()
  })
})
