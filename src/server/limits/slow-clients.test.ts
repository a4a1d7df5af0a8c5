import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { listen } from '../listen.ts'
import type { ServerParts } from '../ports.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

const POLL = { timeout: 10_000, interval: 10 }

let test: TestServer
let origin: URL
const sockets: Socket[] = []

async function serve(requests: NonNullable<ServerParts['requests']>) {
  test = await startServer({ requests })
  origin = new URL(await listen(test.server, { host: '127.0.0.1', port: 0 }))
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await test.close()
})

function open(bytes = ''): Socket {
  const socket = connect(Number(origin.port), origin.hostname)
  socket.on('error', () => socket.destroy())
  sockets.push(socket)
  if (bytes !== '') socket.write(bytes)
  return socket
}

function head(line: string, fields: Readonly<Record<string, string | number>>): string {
  const authorization = test.headersOf('admin').authorization
  const all = Object.entries({ host: origin.host, authorization, ...fields })
  return `${line} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}

const upload = (content: Buffer) => {
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`
  const fields = { 'content-type': 'application/octet-stream', 'content-length': content.length }
  return head(`PUT /api/v1/artifacts/${digest}`, { ...fields, connection: 'close' })
}

/** All that the server says until it closes; a client that goes on writing may see the end as a reset. */
async function text(socket: Socket): Promise<string> {
  let received = ''
  socket.on('data', chunk => {
    received += chunk.toString()
  })
  await new Promise(resolve => {
    socket.once('close', resolve)
  })
  return received
}

/** Writes pieces one after another until the server closes or all are sent. */
async function drip(socket: Socket, pieces: Iterable<Buffer | string>, milliseconds: number): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed || !socket.writable) return
    socket.write(piece)
    await pause(milliseconds)
  }
}

describe('a slow client', () => {
  it('whose headers never end is answered by 408', async () => {
    await serve({ headerMilliseconds: 200 })
    const socket = open(`GET /healthz HTTP/1.1\r\nhost: ${origin.host}\r\n`)
    const answer = text(socket)
    await drip(socket, Array<string>(100).fill('x-a: b\r\n'), 20)
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('that says nothing at all is disconnected', async () => {
    await serve({ idleMilliseconds: 100, headerMilliseconds: 200 })
    const socket = open()
    await once(socket.resume(), 'close')
  })

  it('whose upload comes drop by drop is answered by 408, and nothing is kept', async () => {
    await serve({ upload: { windowMilliseconds: 100, bytes: 1000 } })
    const content = Buffer.alloc(100_000, 'a')
    const socket = open(upload(content))
    const answer = text(socket)
    await drip(socket, Array<string>(500).fill('a'), 5)
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(test.artifacts.kept.size).toBe(0)
  })

  it('whose upload is slow but steady is waited for, longer than for any other body', async () => {
    await serve({ upload: { windowMilliseconds: 200, bytes: 100 }, bodyMilliseconds: 50 })
    const pieces = Array.from({ length: 60 }, () => Buffer.alloc(1000, 'a'))
    const socket = open(upload(Buffer.concat(pieces)))
    const answer = text(socket)
    await drip(socket, pieces, 10)
    expect(await answer).toMatch(/^HTTP\/1\.1 201 /)
  })

  it('that was refused before its body does not keep its connection with the rest of it', async () => {
    await serve({ lingerMilliseconds: 100 })
    const fields = { authorization: 'Bearer slu_x', 'content-length': 100_000 }
    const socket = open(head('POST /api/v1/promotions', { ...fields, 'content-type': 'application/json' }))
    const answer = text(socket)
    await drip(socket, Array<string>(500).fill(' '), 5)
    expect(await answer).toMatch(/^HTTP\/1\.1 401 /)
  })

  it('gets 401 on a connection that stays when its body was whole', async () => {
    await serve({ lingerMilliseconds: 50 })
    const fields = { authorization: 'Bearer slu_x', 'content-length': 2 }
    const request = `${head('POST /api/v1/promotions', { ...fields, 'content-type': 'application/json' })}{}`
    const socket = open(request)
    let received = ''
    socket.on('data', chunk => {
      received += chunk.toString()
    })
    const answers = () => received.split('HTTP/1.1 401 ').length - 1
    await expect.poll(answers, POLL).toBe(1)
    // Longer than what is left of a body would be read.
    await pause(100)
    socket.write(request)
    await expect.poll(answers, POLL).toBe(2)
  })
})

describe('an address', () => {
  it('above the limit is refused by 414', async () => {
    await serve({ addressCharacters: 100 })
    const answer = await text(open(head(`GET /${'x'.repeat(100)}`, { connection: 'close' })))
    expect(answer).toMatch(/^HTTP\/1\.1 414 /)
    expect(answer).toContain('urn:sluice:problem:address-too-long')
  })
})

describe('connections', () => {
  const whole = () => head('GET /api/v1/whoami', {})

  it.each([
    ['of one address', { total: 100, anAddress: 3 }],
    ['of all together', { total: 3, anAddress: 100 }],
  ])(
    '%s are limited; one too many is told so, and there is room when another ends',
    async (_whose, connections) => {
      await serve({ connections })
      const held = [open(whole()), open(whole()), open(whole())]
      for (const socket of held) await once(socket, 'data')
      const refused = await text(open(whole()))
      expect(refused).toMatch(/^HTTP\/1\.1 503 /)
      expect(refused).toContain('application/problem+json')
      const [first] = held
      first?.destroy()
      const another = async () => {
        const socket = open(whole())
        const [chunk] = (await once(socket, 'data')) as [Buffer]
        return chunk.toString().slice(0, 12)
      }
      await expect.poll(another, POLL).toBe('HTTP/1.1 200')
    },
  )
})
