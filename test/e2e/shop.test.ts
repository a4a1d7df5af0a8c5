import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent, type ClientRequest, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Load, startLoad } from '../../src/cli/demo/load.ts'
import { type AppProcess, startApp } from '../harness/app-process.ts'

const shop = join(import.meta.dirname, '../../examples/shop')
const secret = 'correct-horse-battery-staple'
const patient = { timeout: 15_000 }
const SHARED = ['body.js', 'connections.js', 'log.js', 'metrics.js', 'service.js', 'settings.js']

let folder: string
let running: AppProcess[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-shop-'))
  running = []
})

afterEach(async () => {
  await Promise.all(running.map(app => app.end()))
  await rm(folder, { recursive: true, force: true })
})

async function start(main: string, env: Record<string, string>): Promise<AppProcess> {
  const app = await startApp(main, { SLUICE_RELEASE: 'r-1', SLUICE_COLOR: 'blue', ...env })
  running.push(app)
  return app
}

const startApi = (env: Record<string, string> = {}, root = join(shop, 'api')): Promise<AppProcess> =>
  start(join(root, 'src/main.js'), env)

const startWeb = (api: AppProcess, env: Record<string, string> = {}): Promise<AppProcess> =>
  start(join(shop, 'web/src/main.js'), {
    API_SERVICE_HOST: '127.0.0.1',
    API_SERVICE_PORT: String(api.port),
    ...env,
  })

/** The API as the demonstration changes it: the same sources with another `version.js`. */
async function brokenApi(): Promise<AppProcess> {
  const root = join(folder, 'api')
  await cp(join(shop, 'api'), root, { recursive: true })
  await writeFile(
    join(root, 'src/version.js'),
    `export const version = '3'\nexport const failureRate = 0.3\n`,
  )
  return startApi({ SLUICE_RELEASE: 'r-3', SLUICE_COLOR: 'green' }, root)
}

const postOrder = (origin: string, body: string): Promise<Response> =>
  fetch(`${origin}/orders`, { method: 'POST', body })

/** An order of which the service has the head and waits for the rest. */
async function beginOrder(origin: string): Promise<ClientRequest> {
  const begun = httpRequest(`${origin}/orders`, { method: 'POST', headers: { expect: '100-continue' } })
  begun.flushHeaders()
  await once(begun, 'continue')
  return begun
}

describe('the shop', () => {
  it('shows what the API has and takes orders', async () => {
    const api = await startApi({ SLUICE_RELEASE: 'r-7' })
    const web = await startWeb(api, { GREETING: 'Ahoy <there>' })
    const list = await fetch(`${web.origin}/`)
    expect(list.headers.get('x-release')).toBe('r-1')
    expect(list.headers.get('x-color')).toBe('blue')
    expect(list.headers.get('connection')).toBe('keep-alive')
    const page = await list.text()
    expect(page).toContain('Ahoy &#60;there&#62;')
    expect(page).toContain('API version 1')
    expect(await (await fetch(`${web.origin}/products/2`)).text()).toContain('Oak paddle')
    const ordered = await postOrder(web.origin, 'productId=2&quantity=3')
    expect(ordered.status).toBe(201)
    expect(await ordered.text()).toContain('Thank you')
    expect((await fetch(`${api.origin}/products`)).headers.get('x-release')).toBe('r-7')
  })

  it('answers what it can not serve with the right status', async () => {
    const api = await startApi()
    const web = await startWeb(api)
    const statuses = await Promise.all(
      [`${web.origin}/nowhere`, `${web.origin}/products/99`, `${api.origin}/orders`, `${web.origin}//`].map(
        async url => (await fetch(url)).status,
      ),
    )
    expect(statuses).toEqual([404, 404, 405, 404])
    expect((await postOrder(web.origin, 'productId=2&quantity=0')).status).toBe(400)
    expect((await postOrder(api.origin, '{"productId":')).status).toBe(400)
    expect((await postOrder(api.origin, 'x'.repeat(20_000))).status).toBe(413)
  })

  it('takes its configuration from a file and lets variables win', async () => {
    const CONFIG_FILE = join(folder, 'settings.json')
    const settings = { greeting: 'From the file', currency: 'USD', features: ['stock', 'banner'] }
    await writeFile(CONFIG_FILE, JSON.stringify(settings))
    const web = await startWeb(await startApi({ CONFIG_FILE }), { CONFIG_FILE, FEATURE_BANNER: 'false' })
    const page = await (await fetch(`${web.origin}/`)).text()
    expect(page).toContain('From the file')
    expect(page).toContain('$32.50')
    expect(page).toContain('40 left')
    expect(page).not.toContain('Free shipping')
  })

  it('answers 502 when the API is gone and stays healthy itself', async () => {
    const api = await startApi()
    const web = await startWeb(api)
    await api.end()
    const page = await fetch(`${web.origin}/`)
    expect(page.status).toBe(502)
    expect(page.headers.get('x-failed-release')).toBe('unknown')
    expect((await fetch(`${web.origin}/health`)).status).toBe(200)
  })

  it('keeps the files that both services share the same', async () => {
    for (const name of SHARED) {
      const [api, web] = await Promise.all(
        ['api', 'web'].map(service => readFile(join(shop, service, 'src', name), 'utf8')),
      )
      expect(web).toBe(api)
    }
  })
})

describe('what Prometheus reads', () => {
  const metrics = async ({ origin }: AppProcess): Promise<string> => (await fetch(`${origin}/metrics`)).text()

  it('is how users were answered, and not what the platform asked', async () => {
    const api = await startApi()
    for (const path of ['/products', '/products/1', '/nowhere', '/health', '/ready', '/metrics'])
      await (await fetch(`${api.origin}${path}`)).text()
    const lines = (await metrics(api)).trimEnd().split('\n')
    expect(lines.filter(line => line.startsWith('http_requests_total')).toSorted()).toEqual([
      'http_requests_total{code="200"} 2',
      'http_requests_total{code="404"} 1',
    ])
    expect(lines).toContain('http_request_duration_seconds_bucket{le="+Inf"} 3')
    expect(lines).toContain('http_request_duration_seconds_count 3')
  })

  it('puts each answer into every bucket that it fits into', async () => {
    const web = await startWeb(await startApi())
    await (await fetch(`${web.origin}/`)).text()
    const counts = [...(await metrics(web)).matchAll(/_bucket\{le="[\d.]+"\} (\d+)/g)].map(([, n]) =>
      Number(n),
    )
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    expect(counts.at(-1)).toBe(1)
  })
})

describe('a service that is asked to let go of its connections', () => {
  const drain = ({ origin }: AppProcess): Promise<Response> => fetch(`${origin}/drain`, { method: 'POST' })

  it('ends each with its next answer, loses no request and goes on serving', async () => {
    const api = await startApi()
    const users = Array.from({ length: 16 }, () => useUntilClosed(api.origin, ['/products', '/products/3']))
    await expect.poll(() => api.log().length, patient).toBeGreaterThan(200)
    expect((await drain(api)).status).toBe(200)
    expect(await Promise.all(users)).toEqual(users.map(() => 'all answered'))
    expect((await fetch(`${api.origin}/ready`)).status).toBe(200)
  })

  it('ends one that rests once its client was to have left it, and not the one that asks', async () => {
    const api = await startApi()
    const resting = connect(api.port, '127.0.0.1')
    resting.write('GET /products HTTP/1.1\r\nhost: shop\r\n\r\n')
    const [head] = await once(resting, 'data')
    expect(String(head)).toMatch(/keep-alive: timeout=4/i)
    const closed = once(resting, 'close')
    expect((await drain(api)).status).toBe(200)
    await closed
  })
})

describe('a service that is told to stop', () => {
  it('finishes the request that is under way, turns unready and exits 0', async () => {
    const api = await startApi({ DRAIN_SECONDS: '2' })
    const order = await beginOrder(api.origin)
    const answered = once(order, 'response')
    order.write('{"productId":"1",')
    api.signal('SIGTERM')
    await expect.poll(async () => (await fetch(`${api.origin}/ready`)).status, patient).toBe(503)
    await expect.poll(() => fetch(`${api.origin}/ready`).catch(() => 'refused'), patient).toBe('refused')
    order.end('"quantity":1}')
    const [response] = await answered
    expect(response.statusCode).toBe(201)
    expect(response.headers.connection).toBe('close')
    expect(JSON.parse(await text(response))).toMatchObject({ order: { product: '1' } })
    expect(await api.exited).toBe(0)
  })

  it.each(['api', 'web'])('loses no request of any connection under load (%s)', async service => {
    const drain = { DRAIN_SECONDS: '2' }
    const api = await startApi(service === 'api' ? drain : {})
    const app = service === 'api' ? api : await startWeb(api, drain)
    const paths = service === 'api' ? ['/products', '/products/3'] : ['/', '/products/3']
    const users = Array.from({ length: 16 }, () => useUntilClosed(app.origin, paths))
    await expect.poll(() => app.log().length, patient).toBeGreaterThan(200)
    app.signal('SIGTERM')
    expect(await Promise.all(users)).toEqual(users.map(() => 'all answered'))
    expect(await app.exited).toBe(0)
  })

  it('cuts off what outlives the grace and exits 1', async () => {
    const api = await startApi({ DRAIN_SECONDS: '0.05', GRACE_SECONDS: '0.2' })
    const order = await beginOrder(api.origin)
    const broken = once(order, 'response').catch((error: unknown) => error)
    api.signal('SIGTERM')
    expect(await api.exited).toBe(1)
    expect(await broken).toBeInstanceOf(Error)
  })
})

describe('the broken release', () => {
  it('passes health checks and a verification', async () => {
    const api = await brokenApi()
    const web = await startWeb(api)
    const paths = [api, web].flatMap(({ origin }) => ['/health', '/ready'].map(path => origin + path))
    const verified = [...paths, `${api.origin}/products`, `${web.origin}/`, `${web.origin}/products/1`]
    for (let round = 0; round < 10; round += 1) {
      for (const url of verified) expect((await fetch(url)).status).toBe(200)
    }
  })

  it('fails under traffic, and is named as the one that failed', async () => {
    const api = await brokenApi()
    const web = await startWeb(api)
    const stop = new AbortController()
    const load = startLoad({
      origin: web.origin,
      paths: [
        { path: '/' },
        { path: '/products/1' },
        { method: 'POST', path: '/orders', body: 'productId=1&quantity=1' },
      ],
      connections: 4,
      requestsPerSecond: 300,
      signal: stop.signal,
    })
    load.expectBroken('r-3')
    await expectFailures(load)
    stop.abort()
    await load.finished
    const { requests, failed, excused, byRelease } = load.totals()
    expect(excused).toBe(failed)
    expect(failed / requests).toBeLessThan(0.3)
    expect(byRelease).toEqual({ 'r-1': requests })
    expect((await fetch(`${web.origin}/ready`)).status).toBe(200)
  })
})

describe('the logs', () => {
  it('are JSON lines without secrets, bodies or query strings', async () => {
    const SECRET_FILE = join(folder, 'receipt-key')
    await writeFile(SECRET_FILE, `${secret}\n`, { mode: 0o600 })
    const api = await startApi({ SECRET_FILE, LOG_LEVEL: 'debug' })
    const web = await startWeb(api, { LOG_LEVEL: 'debug', SECRET_FILE })
    const placed = await postOrder(api.origin, '{"productId":"1","quantity":1,"note":"private-words"}')
    expect(await placed.json()).toMatchObject({ order: { receipt: expect.stringMatching(/^[0-9a-f]{64}$/) } })
    await fetch(`${web.origin}/products/1?token=private-words`)
    await postOrder(web.origin, 'productId=1&quantity=1&note=private-words')
    await rm(SECRET_FILE)
    expect((await postOrder(web.origin, 'productId=1')).status).toBe(502)
    await Promise.all([api, web].map(app => app.end()))
    const lines = [...api.log(), ...web.log()]
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ level: expect.any(String) })
    expect(lines.join('\n')).not.toMatch(/private-words|correct-horse/)
    expect(lines.some(line => line.includes('"failed"'))).toBe(true)
  })
})

/** Asks again and again on one connection until the service closes it after an answer, as a balancer's connection would. */
async function useUntilClosed(origin: string, paths: readonly string[]): Promise<string> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let turn = 0; ; turn += 1) {
    const request = httpRequest(`${origin}${paths[turn % paths.length]}`, { agent }).end()
    const [response] = await once(request, 'response')
    await text(response)
    if (response.statusCode !== 200) return `status ${response.statusCode}`
    if (response.headers.connection === 'close') return 'all answered'
  }
}

async function expectFailures(load: Load): Promise<void> {
  await expect.poll(() => load.totals().excused, patient).toBeGreaterThan(10)
}
