import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { ask, Bed, eventually, exchangeRaw, responseTo, sizeOf } from './balancer-harness.ts'

let bed: Bed

beforeEach(async () => {
  bed = await Bed.open()
})

afterEach(() => bed.end())

const HUNDRED_MEGABYTES = 100 * 1024 * 1024
const PIECE = Buffer.alloc(256 * 1024, 'x')

describe('a switch under load', () => {
  it('fails no request, and sends no new one to the color that was switched off', async () => {
    const arrivals = { blue: 0, green: 0 }
    for (const color of ['blue', 'green'] as const) {
      const answer = (_: IncomingMessage, res: { end(text: string): void }): void => {
        arrivals[color]++
        res.end(color)
      }
      bed.set({ [color]: [await bed.backend(`${color}1`, answer), await bed.backend(`${color}2`, answer)] })
    }
    const stop = new AbortController()
    let answered = 0
    const failed: unknown[] = []
    const clients = Array.from({ length: 16 }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      while (!stop.signal.aborted) {
        const { status } = await ask(bed.port, '/', { agent }).catch(error => ({ status: String(error) }))
        if (status === 200) answered++
        else failed.push(status)
      }
      agent.destroy()
    })
    for (let flip = 0; flip < 150; flip++) {
      const color = flip % 2 === 0 ? 'green' : 'blue'
      const off = flip % 2 === 0 ? 'blue' : 'green'
      bed.set({ percentGreen: color === 'green' ? 100 : 0 })
      const sent = bed.counters()[off].requests
      const until = answered + 20
      await eventually(() => answered >= until)
      expect(bed.counters()[off].requests).toBe(sent)
    }
    stop.abort()
    await Promise.all(clients)
    expect(failed).toEqual([])
    expect(arrivals.blue + arrivals.green).toBe(answered)
    expect(bed.counters().blue).toMatchObject({ errors: 0, inFlight: 0, requests: arrivals.blue })
    expect(bed.counters().green).toMatchObject({ errors: 0, inFlight: 0, requests: arrivals.green })
  })
})

async function say(socket: WebSocket, text: string): Promise<string> {
  socket.send(text)
  const [reply] = await once(socket, 'message')
  return String(reply)
}

describe('upgraded connections', () => {
  it('carry a WebSocket through a switch, count as in flight, and new ones go to the new color', async () => {
    for (const color of ['blue', 'green'] as const) {
      const backend = await bed.backend(color)
      const sockets = new WebSocketServer({ server: backend.server })
      sockets.on('connection', socket =>
        socket.on('message', (data: Buffer) => socket.send(`${color} ${data.toString()}`)),
      )
      bed.set({ [color]: [backend] })
    }
    const old = new WebSocket(`ws://127.0.0.1:${bed.port}/chat`)
    await once(old, 'open')
    expect(await say(old, 'hello')).toBe('blue hello')
    bed.set({ percentGreen: 100, blue: [] })
    const fresh = new WebSocket(`ws://127.0.0.1:${bed.port}/chat`)
    await once(fresh, 'open')
    expect(await say(old, 'still here')).toBe('blue still here')
    expect(await say(fresh, 'hi')).toBe('green hi')
    expect(await say(old, 'x'.repeat(3_000_000))).toHaveLength(3_000_005)
    expect(bed.counters().blue).toMatchObject({ inFlight: 1, responses: { '1xx': 1 } })
    const signal = new AbortController().signal
    const drained = bed.balancer.drain({
      environment: 'dev',
      service: 'web',
      color: 'blue',
      timeoutSeconds: 60,
      signal,
    })
    old.close()
    expect(await drained).toBe(0)
    fresh.terminate()
    await eventually(() => bed.counters().green.inFlight === 0)
  })

  it('pass a refusal of the upgrade on as an ordinary answer', async () => {
    const backend = await bed.backend('b')
    backend.server.on('upgrade', (_, socket) =>
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno'),
    )
    bed.set({ blue: [backend] })
    const text = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n'
    const seen = await exchangeRaw(bed.port, text)
    expect(seen).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/)
    expect(seen.endsWith('no')).toBe(true)
    bed.set({ blue: [] })
    expect(await exchangeRaw(bed.port, text)).toMatch(/^HTTP\/1\.1 503 /)
    expect(bed.counters().blue.inFlight).toBe(0)
  })

  it('ignore an upgrade to HTTP/2 in clear text', async () => {
    bed.set({ blue: [await bed.backend('b', (req, res) => res.end(`${req.headers.upgrade}`))] })
    const headers = {
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQAAP__',
    }
    expect(await ask(bed.port, '/', { headers })).toMatchObject({ status: 200, text: 'undefined' })
  })
})

/** What sockets of two hops on this machine may hold; far less than the whole. */
const ON_THE_WAY = 32 * 1024 * 1024

async function answeredTimes(times: number, text: string): Promise<void> {
  for (let i = 0; i < times; i++) expect((await ask(bed.port)).text).toBe(text)
}

describe('100 MB', () => {
  it.each(['with a length', 'in chunks'])(
    'come down %s through a switch, no faster than they are read',
    async framing => {
      let sent = 0
      const backend = await bed.backend('big', (_, res) => {
        if (framing === 'with a length') res.setHeader('content-length', HUNDRED_MEGABYTES)
        const more = (): void => {
          let room = true
          while (room && sent < HUNDRED_MEGABYTES) {
            sent += PIECE.length
            room = res.write(PIECE)
          }
          if (sent < HUNDRED_MEGABYTES) res.once('drain', more)
          else res.end()
        }
        more()
      })
      bed.set({ blue: [backend], green: [await bed.backend('green')] })
      const res = await responseTo(request({ port: bed.port, host: '127.0.0.1' }).end())
      bed.set({ percentGreen: 100, blue: [] })
      await answeredTimes(100, 'green')
      expect(sent).toBeLessThan(ON_THE_WAY)
      expect(await sizeOf(res)).toBe(HUNDRED_MEGABYTES)
      expect(bed.counters().blue).toMatchObject({ inFlight: 0, errors: 0 })
    },
  )

  it.each(['with a length', 'in chunks'])(
    'go up %s through a switch, no faster than they are read',
    async framing => {
      let arriving: IncomingMessage | undefined
      const backend = await bed.backend('sink', (req, res) => {
        arriving = req
        req.on('end', () => res.end('thanks'))
      })
      bed.set({ blue: [backend], green: [await bed.backend('green')] })
      const headers = framing === 'with a length' ? { 'content-length': HUNDRED_MEGABYTES } : {}
      const req = request({ port: bed.port, host: '127.0.0.1', method: 'POST', headers })
      const answered = responseTo(req)
      let sent = 0
      const send = async (): Promise<void> => {
        for (; sent < HUNDRED_MEGABYTES; sent += PIECE.length) if (!req.write(PIECE)) await once(req, 'drain')
        req.end()
      }
      const sending = send()
      await eventually(() => arriving !== undefined)
      bed.set({ percentGreen: 100, blue: [] })
      await answeredTimes(100, 'green')
      expect(sent).toBeLessThan(ON_THE_WAY)
      if (arriving !== undefined) expect(await sizeOf(arriving)).toBe(HUNDRED_MEGABYTES)
      await sending
      expect(await sizeOf(await answered)).toBe('thanks'.length)
      expect(bed.counters().blue).toMatchObject({ inFlight: 0, errors: 0 })
    },
  )

  it('end early if the backend answers before it has read them, and the next request is not harmed', async () => {
    const backend = await bed.backend('no', (req, res) => {
      if (req.method === 'POST') res.writeHead(413, { connection: 'close' }).end('too large')
      else res.end('fine')
    })
    bed.set({ blue: [backend] })
    const body = 'x'.repeat(300_000)
    const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`
    const next = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
    const seen = await exchangeRaw(bed.port, `${head}${body}${next}`)
    expect(seen).toMatch(/^HTTP\/1\.1 (413|502) /)
    expect(seen.endsWith('fine')).toBe(true)
  })

  it('harm nobody when the client or the backend breaks off in the middle', async () => {
    const moody = await bed.backend('moody', (req, res) => {
      if (req.method === 'GET') res.end('fine')
      else req.once('data', () => (req.url === '/backend' ? req.socket.destroy() : req.resume()))
    })
    bed.set({ blue: [moody] })
    const head = 'Host: a\r\nContent-Length: 100000000\r\n\r\n'
    await exchangeRaw(bed.port, `POST /backend HTTP/1.1\r\n${head}begin`, seen => seen.includes(' 502 '))
    const client = connect(bed.port, '127.0.0.1')
    client.write(`POST /client HTTP/1.1\r\n${head}begin`)
    await eventually(() => bed.counters().blue.inFlight === 1)
    client.destroy()
    await eventually(() => bed.counters().blue.inFlight === 0)
    await answeredTimes(3, 'fine')
  })

  it('stream as they come: the first event arrives while the answer is still open', async () => {
    const backend = await bed.backend('events', (_, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.write('data: 1\n\n')
    })
    bed.set({ blue: [backend] })
    const req = request({ port: bed.port, host: '127.0.0.1' }).end()
    const res = await responseTo(req)
    const [first] = await once(res, 'data')
    expect(String(first)).toBe('data: 1\n\n')
    req.destroy()
    await eventually(() => bed.counters().blue.inFlight === 0)
  })
})
