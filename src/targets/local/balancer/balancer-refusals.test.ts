import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Bed, exchangeRaw } from './balancer-harness.ts'

let bed: Bed
const reached: IncomingMessage[] = []

beforeAll(async () => {
  bed = await Bed.open()
  const backend = await bed.backend('b', (req, res) => {
    reached.push(req)
    let body = ''
    req
      .on('data', piece => (body += String(piece)))
      .on('end', () => res.end(`${req.headers.host} ${req.url} ${body}`))
  })
  // Node's own servers stop at a thousand.
  backend.server.maxHeadersCount = 0
  bed.set({ blue: [backend] })
})

beforeEach(() => {
  reached.length = 0
})

afterAll(() => bed.end())

const CHUNKED = '3\r\nabc\r\n0\r\n\r\n'

describe('requests that two readers could understand differently', () => {
  it.each([
    [
      'Content-Length and Transfer-Encoding',
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKED}`,
    ],
    [
      'the same the other way round',
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n${CHUNKED}`,
    ],
    [
      'differing Content-Length',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
    ],
    [
      'repeated Content-Length',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc',
    ],
    ['a list of lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc'],
    ['a signed length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc'],
    ['a negative length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\nabc'],
    ['a space before the colon', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc'],
    ['bare LF in the head', 'GET / HTTP/1.1\nHost: a\n\n'],
    ['bare LF after one field', 'GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n'],
    ['bare CR in a value', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n'],
    ['NUL in a value', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
    ['a folded field', 'GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n'],
    ['gzip, chunked', `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n${CHUNKED}`],
    [
      'chunked, identity',
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n${CHUNKED}`,
    ],
    ['a coding like chunked', `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n${CHUNKED}`],
    [
      'chunked twice',
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKED}`,
    ],
    ['chunked in HTTP/1.0', `POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKED}`],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['a host with a path', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
    ['a host with user data', 'GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['another scheme', 'GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a fragment', 'GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['* for another method than OPTIONS', 'GET * HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a relative target', 'GET foo HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('are refused with 400: %s', async (_, text) => {
    const seen = await exchangeRaw(bed.port, text)
    expect(seen).toMatch(/^HTTP\/1\.1 400 /)
    expect(seen.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(reached).toEqual([])
  })

  it.each([
    ['HTTP/0.9', 'GET /\r\n\r\n'],
    ['HTTP/2.0', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n'],
  ])('are refused with 505: %s', async (_, text) => {
    expect(await exchangeRaw(bed.port, text)).toMatch(/^HTTP\/1\.1 505 /)
    expect(reached).toEqual([])
  })

  it.each(['0x3\r\nabc\r\n0\r\n\r\n', '3\nabc\n0\n\n', '3\r\nabcd\r\n0\r\n\r\n'])(
    'break off at the chunk: %j',
    async body => {
      const text = `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}`
      expect(await exchangeRaw(bed.port, text)).not.toMatch(/ 200 /)
    },
  )
})

describe('other refusals', () => {
  it('answers 431 to a head above 16 KiB', async () => {
    const text = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(17_000)}\r\n\r\n`
    expect(await exchangeRaw(bed.port, text)).toMatch(/^HTTP\/1\.1 431 /)
  })

  it.each(['TRACE / HTTP/1.1\r\nHost: a\r\n\r\n', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'])(
    'answers 405 to %j',
    async text => {
      expect(await exchangeRaw(bed.port, text)).toMatch(/^HTTP\/1\.1 405 /)
      expect(reached).toEqual([])
    },
  )

  it('drops no header, however many there are', async () => {
    const many = Array.from({ length: 1200 }, (_, index) => `a${index}: 1\r\n`).join('')
    await exchangeRaw(bed.port, `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${many}\r\n`)
    expect(reached[0]?.headers['a1199']).toBe('1')
  })
})

describe('unusual but valid requests', () => {
  const close = 'Connection: close\r\n\r\n'

  it.each([
    [
      'absolute-form, whose authority wins over Host',
      `GET http://b:80/x?y HTTP/1.1\r\nHost: a\r\n${close}`,
      /b:80 \/x\?y /,
    ],
    ['absolute-form without a path', `GET http://b HTTP/1.1\r\nHost: a\r\n${close}`, /b \/ /],
    ['OPTIONS *', `OPTIONS * HTTP/1.1\r\nHost: a\r\n${close}`, /a \* /],
    [
      'HTTP/1.0 without a host, for which the address stands in',
      'GET /old HTTP/1.0\r\n\r\n',
      /127\.0\.0\.1:\d+ \/old /,
    ],
    [
      'chunks with extensions and trailers',
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n${close}3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n`,
      /a \/ abc/,
    ],
    [
      'a length that Connection names',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close, Content-Length, Host\r\n\r\nabc',
      /a \/ abc/,
    ],
  ])('pass: %s', async (_, text, expected) => {
    const seen = await exchangeRaw(bed.port, text)
    expect(seen).toMatch(/^HTTP\/1\.1 200 /)
    expect(seen).toMatch(expected)
    expect(reached).toHaveLength(1)
  })
})
