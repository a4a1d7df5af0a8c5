import type { IncomingMessage } from 'node:http'
import { Agent } from 'node:http'
import { connect, createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { quantileMs } from './balancer.ts'
import { ask, Bed, eventually, exchangeRaw, listening } from './balancer-harness.ts'

let bed: Bed

beforeEach(async () => {
  bed = await Bed.open()
})

afterEach(() => bed.end())

describe('weights', () => {
  it('splits any hundred requests exactly, on one kept connection', async () => {
    bed.set({ blue: [await bed.backend('blue')], green: [await bed.backend('green')], percentGreen: 20 })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const texts: string[] = []
    for (let i = 0; i < 100; i++) texts.push((await ask(bed.port, '/', { agent })).text)
    agent.destroy()
    expect(texts.filter(text => text === 'green')).toHaveLength(20)
    expect(bed.counters().green).toMatchObject({
      requests: 20,
      errors: 0,
      inFlight: 0,
      responses: { '2xx': 20 },
    })
    expect(bed.counters().blue).toMatchObject({ requests: 80, responses: { '2xx': 80 } })
  })

  it('gives each color a private listener that weights do not touch', async () => {
    bed.set({ blue: [await bed.backend('blue')], green: [await bed.backend('green')], percentGreen: 0 })
    expect((await ask(bed.ports.green)).text).toBe('green')
    expect((await ask(bed.ports.blue)).text).toBe('blue')
    expect((await ask(bed.ports.service)).text).toBe('blue')
  })

  it('gives the turn of a color without backends to the other, but never to one of weight 0', async () => {
    const blue = await bed.backend('blue')
    bed.set({ blue: [blue], green: [], percentGreen: 50 })
    expect((await ask(bed.port)).text).toBe('blue')
    expect((await ask(bed.port)).text).toBe('blue')
    bed.set({ percentGreen: 100 })
    const answer = await ask(bed.port)
    expect(answer.status).toBe(503)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(JSON.parse(answer.text)).toMatchObject({ status: 503, via: 'sluice balancer' })
    expect((await ask(bed.ports.green)).status).toBe(503)
  })

  it('takes turns among the backends of a color', async () => {
    bed.set({ blue: [await bed.backend('a'), await bed.backend('b'), await bed.backend('c')] })
    const texts = new Set<string>()
    for (let i = 0; i < 3; i++) texts.add((await ask(bed.port)).text)
    expect([...texts].toSorted()).toEqual(['a', 'b', 'c'])
  })

  it('follows a sticky cookie only while its color has weight', async () => {
    await bed.balancer.openService({ environment: 'dev', service: 'web', sticky: true })
    bed.set({ blue: [await bed.backend('blue')], green: [await bed.backend('green')], percentGreen: 50 })
    const first = await ask(bed.port)
    const [cookie = ''] = first.headers['set-cookie'] ?? []
    expect(cookie).toBe(`sluice-dev-web=${first.text}; Path=/; HttpOnly; SameSite=Lax`)
    const headers = { cookie: `other=1; ${cookie.split(';')[0]}` }
    for (let i = 0; i < 4; i++) {
      const again = await ask(bed.port, '/', { headers })
      expect(again.text).toBe(first.text)
      expect(again.headers['set-cookie']).toBeUndefined()
    }
    bed.set({ percentGreen: first.text === 'green' ? 0 : 100 })
    const moved = await ask(bed.port, '/', { headers })
    expect(moved.text).not.toBe(first.text)
    expect(moved.headers['set-cookie']?.[0]).toContain(`=${moved.text};`)
  })
})

describe('listeners', () => {
  it('keeps an open port when asked for it again', async () => {
    expect(await bed.balancer.openEnvironment({ environment: 'dev', port: bed.port })).toBe(bed.port)
    expect(await bed.balancer.openService({ environment: 'dev', service: 'web', ports: bed.ports })).toEqual(
      bed.ports,
    )
  })

  it('answers 404 where no route leads, and 503 where the service is not open', async () => {
    bed.balancer.setRoutes('dev', [{ path: '/api', service: 'api' }])
    expect((await ask(bed.port, '/')).status).toBe(404)
    expect((await ask(bed.port, '/api')).status).toBe(503)
  })

  it('frees every port when one of them is taken', async () => {
    const ports = { service: 0, blue: 0, green: bed.port }
    await expect(bed.balancer.openService({ environment: 'dev', service: 'b', ports })).rejects.toThrow(
      'EADDRINUSE',
    )
    expect(() => bed.balancer.weights('dev', 'b')).toThrow('not open')
  })

  it('closes a service for good', async () => {
    await bed.balancer.closeService({ environment: 'dev', service: 'web' })
    await expect(ask(bed.ports.service)).rejects.toThrow('ECONNREFUSED')
    expect((await ask(bed.port)).status).toBe(503)
  })
})

describe('forwarding', () => {
  it('tells the backend who asked for what, and passes nothing meant for the balancer', async () => {
    const seen: IncomingMessage[] = []
    const echo = await bed.backend('echo', (req, res) => {
      seen.push(req)
      res.writeHead(201, 'Made', ['X-A', '1', 'X-A', '2', 'Connection', 'X-B', 'X-B', '3'])
      res.end()
    })
    bed.set({ blue: [echo] })
    const answer = await ask(bed.port, '/a/../b//c?d=%20', {
      headers: {
        host: 'shop.example.com',
        'x-forwarded-for': '203.0.113.7',
        'x-forwarded-host': 'evil',
        'x-forwarded-proto': 'gopher',
        forwarded: 'for=1.2.3.4',
        via: '1.0 front',
        te: 'trailers',
        connection: 'close, X-Secret',
        'x-secret': '1',
        'x-kept': 'yes',
      },
    })
    expect(seen[0]?.url).toBe('/a/../b//c?d=%20')
    expect(seen[0]?.headers).toEqual({
      host: 'shop.example.com',
      'x-kept': 'yes',
      'x-forwarded-for': '203.0.113.7, 127.0.0.1',
      'x-forwarded-host': 'shop.example.com',
      'x-forwarded-proto': 'http',
      via: '1.0 front, 1.1 sluice',
    })
    expect(answer.status).toBe(201)
    expect(answer.headers['x-a']).toBe('1, 2')
    expect(answer.headers['x-b']).toBeUndefined()
  })

  it('answers HEAD and 304 without a body and keeps the connection', async () => {
    const backend = await bed.backend('b', (req, res) => {
      res.writeHead(req.url === '/304' ? 304 : 200, { 'content-length': '5' })
      res.end(req.method === 'HEAD' || req.url === '/304' ? undefined : 'hello')
    })
    bed.set({ blue: [backend] })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    expect(await ask(bed.port, '/', { method: 'HEAD', agent })).toMatchObject({ status: 200, text: '' })
    expect(await ask(bed.port, '/304', { agent })).toMatchObject({ status: 304, text: '' })
    expect(await ask(bed.port, '/', { agent })).toMatchObject({ status: 200, text: 'hello' })
    agent.destroy()
  })

  it('answers pipelined requests in their order', async () => {
    const backend = await bed.backend('b', (req, res) => {
      if (req.url === '/1') setImmediate(() => setImmediate(() => res.end('first')))
      else res.end('second')
    })
    bed.set({ blue: [backend] })
    const two = 'GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n'
    const seen = await exchangeRaw(bed.port, two, text => text.endsWith('second'))
    expect(seen.indexOf('first')).toBeGreaterThan(0)
    expect(seen.indexOf('second')).toBeGreaterThan(seen.indexOf('first'))
  })

  it('lets a client wait for 100 before it sends a body', async () => {
    const backend = await bed.backend('b', (req, res) => req.pipe(res))
    bed.set({ blue: [backend] })
    const seen = await new Promise<string>(resolve => {
      const socket = connect(bed.port, '127.0.0.1')
      let text = ''
      socket.on('data', piece => {
        text += piece.toString()
        if (text === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write('hello')
        if (text.includes('hello')) socket.destroy()
      })
      socket.on('close', () => resolve(text))
      socket.write('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n')
    })
    expect(seen).toContain('HTTP/1.1 200 OK')
  })
})

describe('backends that fail', () => {
  it('takes out a backend that refuses connections, asks another one and reports it once', async () => {
    const dead = await bed.backend('dead')
    bed.set({ blue: [dead, await bed.backend('alive')] })
    await dead.kill()
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => ask(bed.port, '/', { method: 'POST', body: 'x' })),
    )
    expect(answers.map(answer => answer.text)).toEqual(Array(6).fill('alive'))
    expect(bed.failures).toEqual([
      {
        environment: 'dev',
        service: 'web',
        color: 'blue',
        backendId: 'dead',
        reason: 'it refuses connections',
      },
    ])
  })

  it('takes out a backend that was killed over an answer, and tells that client 502', async () => {
    const killed = await bed.backend('killed', () => void killed.kill())
    bed.set({ blue: [killed, await bed.backend('alive')] })
    const answers = [await ask(bed.port), await ask(bed.port)]
    expect(new Set(answers.map(answer => answer.status))).toEqual(new Set([200, 502]))
    await eventually(() => bed.failures.length === 1)
    expect((await ask(bed.port)).text).toBe('alive')
    expect(bed.counters().blue.errors).toBe(1)
  })

  it('keeps a backend that broke off over one request only', async () => {
    const moody = await bed.backend('moody', (req, res) =>
      req.url === '/poison' ? req.socket.destroy() : res.end('ok'),
    )
    bed.set({ blue: [moody] })
    expect((await ask(bed.port, '/poison')).status).toBe(502)
    expect((await ask(bed.port)).text).toBe('ok')
    expect(bed.failures).toEqual([])
  })

  it('repeats a request whose kept connection the backend had closed, if repeating is harmless', async () => {
    let requests = 0
    const backend = createServer(socket => {
      let first = true
      socket.on('error', () => {})
      socket.on('data', () => {
        requests++
        if (first) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
        else socket.destroy()
        first = false
      })
    })
    const port = await listening(backend)
    bed.set({ blue: [{ id: 'b', origin: `http://127.0.0.1:${port}` }] })
    expect((await ask(bed.port)).text).toBe('ok')
    expect((await ask(bed.port)).text).toBe('ok')
    expect(requests).toBe(3)
    expect((await ask(bed.port, '/', { method: 'POST', body: 'x' })).status).toBe(502)
    backend.close()
  })

  it('answers 502 to what is not HTTP, and never passes two answers for one request', async () => {
    const answers = [
      'nonsense\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    ]
    const backend = createServer(socket => {
      socket.on('error', () => {})
      socket.on('data', () =>
        socket.write(answers.shift() ?? `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 666 Bad`),
      )
    })
    const port = await listening(backend)
    bed.set({ blue: [{ id: 'b', origin: `http://127.0.0.1:${port}` }] })
    expect((await ask(bed.port)).status).toBe(502)
    expect((await ask(bed.port)).status).toBe(502)
    expect(await ask(bed.port)).toMatchObject({ status: 200, text: 'ok' })
    expect(await ask(bed.port)).toMatchObject({ status: 200, text: 'ok' })
    await new Promise(resolve => backend.close(resolve).on('close', resolve))
  })

  it('breaks the connection off when a backend dies within its answer', async () => {
    const backend = await bed.backend('b', (_, res) => {
      res.writeHead(200, { 'content-length': '1000' })
      res.write('part', () => res.destroy())
    })
    bed.set({ blue: [backend] })
    await expect(ask(bed.port)).rejects.toThrow('aborted')
    expect(bed.counters().blue).toMatchObject({ errors: 1, inFlight: 0 })
  })

  it('tells the backend when the client is gone', async () => {
    let gone = false
    let asked = false
    const backend = await bed.backend('b', (_, res) => {
      asked = true
      res.on('close', () => (gone = true))
    })
    bed.set({ blue: [backend] })
    const socket = connect(bed.port, '127.0.0.1').on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await eventually(() => asked)
    expect(bed.counters().blue.inFlight).toBe(1)
    socket.destroy()
    await eventually(() => gone)
    expect(bed.counters().blue).toMatchObject({ inFlight: 0, errors: 0 })
  })
})

describe('measuring and draining', () => {
  it('counts answers of 500 as errors and knows how long answers took', async () => {
    const since = performance.timeOrigin + performance.now()
    bed.set({
      green: [await bed.backend('g', (req, res) => res.writeHead(req.url === '/bad' ? 500 : 200).end())],
      percentGreen: 100,
    })
    await ask(bed.port)
    await ask(bed.port, '/bad')
    const measured = bed.balancer.measure({
      environment: 'dev',
      service: 'web',
      since,
      until: since + 60_000,
    })
    expect(measured.green).toMatchObject({ requests: 2, errors: 1 })
    expect(quantileMs(measured.green.latency, 0.99)).toBeGreaterThan(0)
    expect(measured.blue.requests).toBe(0)
    expect(bed.counters().green.responses).toMatchObject({ '2xx': 1, '5xx': 1 })
  })

  it('resolves a drain when the last request of the color is done', async () => {
    let finish: (() => void) | undefined
    const backend = await bed.backend('slow', (_, res) => (finish = () => void res.end('done')))
    bed.set({ blue: [backend], green: [await bed.backend('green')] })
    const slow = ask(bed.port)
    await eventually(() => bed.counters().blue.inFlight === 1)
    bed.set({ percentGreen: 100, blue: [] })
    const of = { environment: 'dev', service: 'web', signal: new AbortController().signal }
    expect(await bed.balancer.drain({ ...of, color: 'blue', timeoutSeconds: 0 })).toBe(1)
    const drained = bed.balancer.drain({ ...of, color: 'blue', timeoutSeconds: 60 })
    const drainedBackend = bed.balancer.drain({ ...of, backendId: 'slow', timeoutSeconds: 60 })
    await eventually(() => finish !== undefined)
    finish?.()
    expect(await drained).toBe(0)
    expect(await drainedBackend).toBe(0)
    expect((await slow).text).toBe('done')
  })
})
