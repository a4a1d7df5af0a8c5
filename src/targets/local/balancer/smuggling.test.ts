import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Bed, exchangeRaw } from './balancer-harness.ts'
import { type RecordingUpstream, startRecordingUpstream } from './recording-upstream.ts'

/**
 * Requests by which two readers of HTTP/1.1 have been made to disagree about where one ends and the next begins, as
 * published about desynchronization since 2005, and what RFC 9112 says a reader must refuse. Each is followed by a
 * second request. Either all of it is refused and the connection closed, or a backend gets exactly these two, written
 * anew in the one form that every reader understands alike.
 */

let bed: Bed
let upstream: RecordingUpstream

beforeAll(async () => {
  bed = await Bed.open()
  upstream = await startRecordingUpstream()
  bed.set({ blue: [{ id: 'recorder', origin: `http://127.0.0.1:${upstream.port}` }] })
})
beforeEach(() => upstream.forget())
afterAll(async () => {
  await bed.end()
  await upstream.close()
})

const NEXT = 'GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
const ABC = '3\r\nabc\r\n0\r\n\r\n'

const statusesIn = (text: string) =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
const post = (lines: string, body: string) => `POST /first HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n${body}`
const get = (lines: string) => `GET /first HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n`
const repeated = (character: string, times: number) => character.repeat(times)

/** Refused before a backend has anything complete, with one answer, and nothing more is read from the connection. */
async function expectRefused(text: string): Promise<number> {
  const seen = await exchangeRaw(bed.port, text + NEXT)
  const statuses = statusesIn(seen)
  expect(statuses).toHaveLength(1)
  expect(upstream.requests).toEqual([])
  return statuses[0] ?? 0
}

/** Passed on in its canonical form, and the next one after it. The head's lines beyond those that every request has. */
async function passed(text: string) {
  const seen = await exchangeRaw(bed.port, text + NEXT)
  expect(statusesIn(seen).filter(status => status !== 100)).toEqual([200, 200])
  expect(upstream.requests.map(({ head }) => head.split(' ')[1]).at(-1)).toBe('/next')
  expect(upstream.requests).toHaveLength(2)
  expect(upstream.leftOver()).toBe('')
  for (const { head } of upstream.requests) expectCanonical(head)
  const [first] = upstream.requests
  const own = first?.head.split('\r\n').filter(line => !/^(?:x-forwarded-|via:)/.test(line))
  return { lines: own, body: first?.body }
}

const HOP_BY_HOP = /^(?:connection|keep-alive|proxy-connection|te|trailer|upgrade|expect|http2-settings):/i

function expectCanonical(head: string): void {
  const [start = '', ...lines] = head.split('\r\n')
  expect(start).toMatch(/^[A-Z]+ [!-~]+ HTTP\/1\.1$/)
  for (const line of lines) expect(line).toMatch(/^[\w!#$%&'*+.^`|~-]+: [\t -~\x80-\xff]*$/)
  const named = (name: RegExp) => lines.filter(line => name.test(line))
  expect(named(/^host:/i)).toHaveLength(1)
  expect(named(/^(?:content-length|transfer-encoding):/i).length).toBeLessThanOrEqual(1)
  for (const line of named(/^(?:content-length|transfer-encoding):/i))
    expect(line).toMatch(/^(?:content-length: (?:0|[1-9]\d*)|transfer-encoding: chunked)$/)
  expect(named(HOP_BY_HOP)).toEqual([])
}

describe('a body with two ends', () => {
  it.each([
    ['CL.TE', post('Content-Length: 6\r\nTransfer-Encoding: chunked', '0\r\n\r\nG')],
    ['TE.CL', post('Transfer-Encoding: chunked\r\nContent-Length: 4', `2e\r\n${NEXT}\r\n0\r\n\r\n`)],
    ['TE.0', post('Transfer-Encoding: chunked\r\nContent-Length: 0', ABC)],
    ['in HTTP/1.0', post('Transfer-Encoding: chunked', ABC).replace('HTTP/1.1', 'HTTP/1.0')],
  ])('is refused: %s', async (_, text) => expect(await expectRefused(text)).toBe(400))

  it.each([
    ' xchunked',
    ' chunkedx',
    ' chunke',
    ' chun ked',
    ' "chunked"',
    ' chunked;q=1',
    ' chunked,',
    ' ,chunked',
    ' chunked,chunked',
    ' chunked, identity',
    ' identity, chunked',
    ' identity',
    ' gzip',
    ' gzip, chunked',
    ' chunked, gzip',
    '',
    ' ',
    '\x0bchunked',
    ' \x0cchunked',
    ' chunked\x0b',
    ' chunked\t',
    '\0chunked',
    ' chunked\0',
    ' \x80chunked',
    ' chunked\r\n chunked',
    '\r\n chunked',
    ' x\r\n\tchunked',
    ' chunked\r\nTransfer-Encoding: chunked',
    ' chunked\r\nTransfer-Encoding: identity',
    ' identity\r\nTransfer-Encoding: chunked',
    ' x\r\nTransfer-Encoding: chunked',
  ])('is refused: Transfer-Encoding:%j', async value => {
    expect(await expectRefused(post(`Transfer-Encoding:${value}`, ABC))).toBe(400)
  })

  it.each([
    'Transfer-Encoding : chunked',
    'Transfer-Encoding\t: chunked',
    'Transfer-Encoding\x0b: chunked',
    'Transfer-Encoding\r\n: chunked',
    ' Transfer-Encoding: chunked',
    '\0Transfer-Encoding: chunked',
    'X: y\n Transfer-Encoding: chunked',
    'X: y\nTransfer-Encoding: chunked',
    'X: y\rTransfer-Encoding: chunked',
    'X: y\r\n\rTransfer-Encoding: chunked',
  ])('is refused: %j', async line => expect(await expectRefused(post(line, ABC))).toBe(400))

  it.each(['chunked', ' chunked', '\tchunked', ' chunked ', ' Chunked', ' CHUNKED'])(
    'is passed on as one: Transfer-Encoding:%j',
    async value => {
      const { lines, body } = await passed(post(`Transfer-Encoding:${value}`, ABC))
      expect(lines).toEqual(['POST /first HTTP/1.1', 'host: a', 'transfer-encoding: chunked'])
      expect(body).toBe(ABC)
    },
  )
})

describe('a length', () => {
  it.each([
    ' +5',
    ' -1',
    ' -0',
    ' 0x5',
    ' 5.0',
    ' 5e0',
    ' 5 5',
    ' 5,5',
    ' 5, 5',
    ' 5;x',
    ' "5"',
    ' five',
    '',
    ' ',
    ' 5\x0b',
    ' \x0b5',
    ' 5\0',
    ' 9007199254740993',
    ' 9223372036854775808',
    ' 18446744073709551621',
    ' 99999999999999999999999',
    ' 5\r\n 5',
    '\r\n 5',
    ' 5\r\nContent-Length: 5',
    ' 5\r\nContent-Length: 6',
    ' 0\r\nContent-Length: 5',
    ' 5\r\nContent-Length : 6',
  ])('is refused: Content-Length:%j', async value => {
    expect(await expectRefused(post(`Content-Length:${value}`, 'abcde'))).toBe(400)
  })

  it.each(['5', ' 5 ', '\t5\t', ' 05', ' 0000000000000005'])(
    'is written in one way: Content-Length:%j',
    async value => {
      const { lines, body } = await passed(post(`Content-Length:${value}`, 'abcde'))
      expect(lines).toEqual(['POST /first HTTP/1.1', 'host: a', 'content-length: 5'])
      expect(body).toBe('abcde')
    },
  )

  it('counts for a request inside a body, which stays a body (CL.0)', async () => {
    const inner = 'GET /inner HTTP/1.1\r\nHost: a\r\n\r\n'
    const { body } = await passed(post(`Content-Length: ${inner.length}`, inner))
    expect(body).toBe(inner)
  })

  it.each(['GET', 'HEAD', 'DELETE', 'OPTIONS'])('counts for %s too', async method => {
    const { body } = await passed(`${method} /first HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc`)
    expect(body).toBe('abc')
  })

  it('is none where none is said', async () => {
    const { lines, body } = await passed('POST /first HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(lines).toEqual(['POST /first HTTP/1.1', 'host: a'])
    expect(body).toBe('')
  })
})

describe('chunks', () => {
  const chunked = (body: string) => post('Transfer-Encoding: chunked', body)

  it.each([
    ['LF alone everywhere', '3\nabc\n0\n\n'],
    ['LF alone behind a size', '3\nabc\r\n0\r\n\r\n'],
    ['LF alone behind data', '3\r\nabc\n0\r\n\r\n'],
    ['LF alone behind the last size', '3\r\nabc\r\n0\n\r\n'],
    ['LF alone at the end', '3\r\nabc\r\n0\r\n\n'],
    ['CR alone behind a size', '3\rabc\r\n0\r\n\r\n'],
    ['a plus', '+3\r\nabc\r\n0\r\n\r\n'],
    ['a minus', '-3\r\nabc\r\n0\r\n\r\n'],
    ['0x', '0x3\r\nabc\r\n0\r\n\r\n'],
    ['a space in front', ' 3\r\nabc\r\n0\r\n\r\n'],
    ['a space behind', '3 \r\nabc\r\n0\r\n\r\n'],
    ['a tab behind', '3\t\r\nabc\r\n0\r\n\r\n'],
    ['two sizes', '3 3\r\nabc\r\n0\r\n\r\n'],
    ['a comma', '3,3\r\nabc\r\n0\r\n\r\n'],
    ['no size', '\r\nabc\r\n0\r\n\r\n'],
    ['no digit', 'g\r\nabc\r\n0\r\n\r\n'],
    ['more than 64 bits', '10000000000000003\r\nabc\r\n0\r\n\r\n'],
    ['less data than said', '3\r\nab\r\n0\r\n\r\n'],
    ['more data than said', '3\r\nabcd\r\n0\r\n\r\n'],
    ['no line end behind data', '3\r\nabc0\r\n\r\n'],
    ['other bytes for a line end', '3\r\nabcXX0\r\n\r\n'],
    ['LF in an extension', '3;a\nb\r\nabc\r\n0\r\n\r\n'],
    ['CR in an extension', '3;a\rb\r\nabc\r\n0\r\n\r\n'],
    ['CR LF in a quoted extension', '3;x="a\r\nb"\r\nabc\r\n0\r\n\r\n'],
    ['NUL in an extension', '3;\0\r\nabc\r\n0\r\n\r\n'],
    ['no ASCII in an extension', '3;\xff\r\nabc\r\n0\r\n\r\n'],
    ['an endless extension', `3;${repeated('x', 20_000)}\r\nabc\r\n0\r\n\r\n`],
    ['a length as a trailer', '3\r\nabc\r\n0\r\nContent-Length: 5\r\n\r\n'],
    ['a coding as a trailer', '3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['a request as a trailer', '3\r\nabc\r\n0\r\nGET /inner HTTP/1.1\r\n\r\n'],
    ['a folded trailer', '3\r\nabc\r\n0\r\n X: 1\r\n\r\n'],
    ['a space before a trailer’s colon', '3\r\nabc\r\n0\r\nX : 1\r\n\r\n'],
    ['LF alone behind a trailer', '3\r\nabc\r\n0\r\nX: 1\n\r\n'],
    ['NUL in a trailer', '3\r\nabc\r\n0\r\nX\0: 1\r\n\r\n'],
    ['endless trailers', `3\r\nabc\r\n0\r\nX: ${repeated('x', 20_000)}\r\n\r\n`],
  ])('are refused: %s', async (_, body) => {
    expect([400, 413, 431]).toContain(await expectRefused(chunked(body)))
  })

  it.each([
    ['extensions', '3;x;y=z;w="v"\r\nabc\r\n0;x\r\n\r\n'],
    ['zeros in front', '0000000000000000000000003\r\nabc\r\n00\r\n\r\n'],
    ['trailers', '3\r\nabc\r\n0\r\nHost: b\r\nX-Admin: 1\r\nCookie: a=b\r\n\r\n'],
  ])('are written anew without them: %s', async (_, sent) => {
    const { lines, body } = await passed(chunked(sent))
    expect(lines).toEqual(['POST /first HTTP/1.1', 'host: a', 'transfer-encoding: chunked'])
    expect(body).toBe(ABC)
  })
})

describe('fields', () => {
  it.each([
    ['NUL in a value', 'X: a\0b'],
    ['NUL in a name', 'X\0: a'],
    ['a control character in a value', 'X: a\x01b'],
    ['DEL in a value', 'X: a\x7fb'],
    ['a vertical tab', 'X: b\x0b'],
    ['no ASCII in a name', 'X\x80: b'],
    ['CR in a value', 'X: a\rb'],
    ['LF in a value', 'X: a\nb'],
    ['CR CR LF', 'X: a\r\r\nY: b'],
    ['LF at the end of a value', 'X: b\n'],
    ['CR before the colon', 'X\r: b'],
    ['a space before the colon', 'X : b'],
    ['a space in a name', 'X y: b'],
    ['parentheses in a name', 'X(y): b'],
    ['quotes in a name', '"X": b'],
    ['@ in a name', 'X@: b'],
    ['no name', ': b'],
    ['no colon', 'X'],
    ['a folded value', 'X: b\r\n c'],
    ['a folded value that begins empty', 'X: \r\n c'],
    ['white space in front', '\tX: b'],
    ['a replaced field with a space', 'X-Forwarded-Host : evil'],
  ])('are refused: %s', async (_, line) => expect(await expectRefused(get(line))).toBe(400))

  it('are refused where the head ends with LF alone', async () => {
    expect(await expectRefused('GET / HTTP/1.1\nHost: a\n\n')).toBe(400)
    expect(await expectRefused('GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\n')).toBe(400)
  })

  it.each([
    ['a large value', `X: ${repeated('x', 17_000)}`],
    ['a large name', `${repeated('x', 17_000)}: 1`],
    ['too many', Array.from({ length: 3000 }, (_, number) => `a${number}: 1`).join('\r\n')],
  ])('are refused with 431: %s', async (_, lines) => expect(await expectRefused(get(lines))).toBe(431))

  it.each([
    ['empty', 'X:', 'X: '],
    ['with a colon', 'X:y:z', 'X: y:z'],
    ['with bytes beyond ASCII', 'X: \xe4', 'X: \xe4'],
    ['like a framing field', 'Content_Length: 5', 'Content_Length: 5'],
  ])('pass where their value is %s', async (_, line, expected) => {
    expect((await passed(get(line))).lines).toEqual(['GET /first HTTP/1.1', 'host: a', expected])
  })
})

describe('the request line', () => {
  it.each([
    ['tabs', 'GET\t/first\tHTTP/1.1'],
    ['a space at the end', 'GET /first HTTP/1.1 '],
    ['a space in front', ' GET /first HTTP/1.1'],
    ['CR inside', 'GET /first HTTP/1.1\rX: y'],
    ['a tab in the target', 'GET /a\tb HTTP/1.1'],
    ['a space in the target', 'GET /a b HTTP/1.1'],
    ['NUL in the target', 'GET /\0 HTTP/1.1'],
    ['DEL in the target', 'GET /\x7f HTTP/1.1'],
    ['no ASCII in the target', 'GET /\x80 HTTP/1.1'],
    ['a fragment', 'GET /a#b HTTP/1.1'],
    ['a method in small letters', 'get /first HTTP/1.1'],
    ['an unknown method', 'FOO /first HTTP/1.1'],
    ['NUL in the method', 'G\0T /first HTTP/1.1'],
    ['parentheses in the method', 'GE(T /first HTTP/1.1'],
    ['a protocol in small letters', 'GET /first http/1.1'],
    ['another protocol', 'GET /first FTP/1.1'],
    ['HTTP/1', 'GET /first HTTP/1'],
    ['HTTP/1.10', 'GET /first HTTP/1.10'],
    ['HTTP/01.1', 'GET /first HTTP/01.1'],
    ['HTTP/1.2', 'GET /first HTTP/1.2'],
    ['HTTP/3.0', 'GET /first HTTP/3.0'],
    ['another scheme', 'GET ftp://b/ HTTP/1.1'],
    ['https', 'GET https://b/ HTTP/1.1'],
    ['user data', 'GET http://b@c/ HTTP/1.1'],
    ['a backslash before user data', 'GET http://b\\@c/ HTTP/1.1'],
    ['no authority', 'GET http:///x HTTP/1.1'],
    ['a scheme alone', 'GET http:b HTTP/1.1'],
    ['a port of letters', 'GET http://b:0x50/ HTTP/1.1'],
    ['a port beyond all ports', 'GET http://b:99999/ HTTP/1.1'],
    ['an authority', 'GET b:80 HTTP/1.1'],
    ['a query alone', 'GET ?x HTTP/1.1'],
    ['* for GET', 'GET * HTTP/1.1'],
  ])('is refused: %s', async (_, line) => {
    expect(await expectRefused(`${line}\r\nHost: a\r\n\r\n`)).toBe(400)
  })

  it.each(['CONNECT b:80 HTTP/1.1', 'CONNECT /first HTTP/1.1', 'TRACE /first HTTP/1.1'])(
    'is refused with 405: %j',
    async line => expect(await expectRefused(`${line}\r\nHost: a\r\n\r\n`)).toBe(405),
  )

  it.each([
    ['HTTP/0.9', 'GET /first\r\n\r\n'],
    ['HTTP/0.9 with a version', 'GET /first HTTP/0.9\r\nHost: a\r\n\r\n'],
    ['HTTP/2 by its preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['HTTP/2 by its version', 'GET /first HTTP/2.0\r\nHost: a\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('is refused: %s', async (_, text) => expect([400, 505]).toContain(await expectRefused(text)))

  it('is refused with 431 where it is endless', async () => {
    expect(await expectRefused(`GET /${repeated('a', 17_000)} HTTP/1.1\r\nHost: a\r\n\r\n`)).toBe(431)
  })

  it.each([
    ['absolute-form', 'GET http://b/first HTTP/1.1', 'GET /first HTTP/1.1', 'host: b'],
    ['absolute-form of a server', 'OPTIONS http://b HTTP/1.1', 'OPTIONS / HTTP/1.1', 'host: b'],
    ['more than one space', 'GET  /first  HTTP/1.1', 'GET /first HTTP/1.1', 'host: a'],
    ['an empty line before it', '\r\nGET /first HTTP/1.1', 'GET /first HTTP/1.1', 'host: a'],
    ['two slashes', 'GET //b/first HTTP/1.1', 'GET //b/first HTTP/1.1', 'host: a'],
    ['dots and escapes', 'GET /../%00%0d%0a HTTP/1.1', 'GET /../%00%0d%0a HTTP/1.1', 'host: a'],
  ])('is written in one way: %s', async (_, line, start, host) => {
    expect((await passed(`${line}\r\nHost: a\r\n\r\n`)).lines).toEqual([start, host])
  })
})

describe('the host', () => {
  it.each([
    [''],
    ['Host: a\r\nHost: b'],
    ['Host: a\r\nHost: a'],
    ['Host: a\r\nX: y\r\nhost: b'],
    ['Host: a\r\n Host: b'],
    [' Host: a'],
    ['Host : a'],
    ['Host\t: a'],
    ['Host:'],
    ['Host: '],
    ['Host: a, b'],
    ['Host: a b'],
    ['Host: a\tb'],
    ['Host: a/b'],
    ['Host: a\\b'],
    ['Host: a?b'],
    ['Host: a#b'],
    ['Host: u@a'],
    ['Host: a%2fb'],
    ['Host: a:'],
    ['Host: a:b'],
    ['Host: :80'],
    ['Host: a:80:80'],
    ['Host: a:99999'],
    ['Host: [::1'],
    ['Host: a\0'],
    ['Host: \x80'],
  ])('is refused: %j', async line => {
    const lines = line === '' ? '' : `${line}\r\n`
    expect(await expectRefused(`GET /first HTTP/1.1\r\n${lines}\r\n`)).toBe(400)
  })

  it.each(['a', 'A.b', 'a:80', '127.0.0.1:65535', '[::1]', '[::1]:80', 'a_b'])('passes: %s', async host => {
    const { lines } = await passed(`GET /first HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    expect(lines).toEqual(['GET /first HTTP/1.1', `host: ${host}`])
  })
})

describe('what is between neighbours only', () => {
  it.each([
    ['what Connection names', 'Connection: X-Real\r\nX-Real: 1'],
    ['what Connection names in another case', 'X-REAL: 1\r\nConnection: keep-alive, x-real'],
    ['Keep-Alive', 'Keep-Alive: timeout=9'],
    ['Proxy-Connection', 'Proxy-Connection: keep-alive'],
    ['Proxy-Authorization', 'Proxy-Authorization: Basic x'],
    ['TE', 'TE: trailers, chunked'],
    ['Trailer', 'Trailer: Host'],
    ['Upgrade without its Connection', 'Upgrade: websocket'],
    ['an expectation that was met here', 'Expect: 100-continue'],
    ['who forwarded it', 'Forwarded: for=9.9.9.9'],
    ['naming the host', 'Connection: Host'],
    ['naming who asked', 'Connection: X-Forwarded-For, X-Forwarded-Host, Via'],
  ])('ends here: %s', async (_, lines) => {
    expect((await passed(get(lines))).lines).toEqual(['GET /first HTTP/1.1', 'host: a'])
    expect(upstream.requests[0]?.head).toContain('\r\nx-forwarded-for: 127.0.0.1\r\nx-forwarded-host: a\r\n')
  })

  it('ends here with a connection that is to be closed, whatever comes behind', async () => {
    const seen = await exchangeRaw(bed.port, get('Connection: close, X-Real\r\nX-Real: 1') + NEXT)
    expect(statusesIn(seen)).toEqual([200])
    expect(upstream.requests).toHaveLength(1)
    expect(upstream.requests[0]?.head).not.toMatch(/x-real/i)
  })

  it.each(['Content-Length', 'Transfer-Encoding'])('never takes the framing with it: %s', async name => {
    const framing = name === 'Content-Length' ? 'Content-Length: 13' : 'Transfer-Encoding: chunked'
    const { body } = await passed(post(`Connection: ${name}\r\n${framing}`, ABC))
    expect(body).toBe(ABC)
  })

  it.each(['200-ok', 'x', '100-continued'])('refuses what it cannot meet: Expect: %s', async value => {
    expect(await expectRefused(post(`Expect: ${value}\r\nContent-Length: 3`, 'abc'))).toBe(417)
  })
})

describe('an upgrade', () => {
  it.each([
    ['to HTTP/2', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA'],
    ['to HTTP/2 among others', 'Connection: Upgrade\r\nUpgrade: websocket, h2c'],
    ['to one of two', 'Connection: Upgrade\r\nUpgrade: a\r\nUpgrade: b'],
    ['to TLS', 'Connection: Upgrade\r\nUpgrade: TLS/1.0'],
    ['to another HTTP', 'Connection: Upgrade\r\nUpgrade: HTTP/3.0'],
    ['to no protocol', 'Connection: Upgrade\r\nUpgrade: x y'],
  ])('%s is no upgrade, and nothing behind it is read', async (_, lines) => {
    const seen = await exchangeRaw(bed.port, get(lines) + NEXT)
    expect(statusesIn(seen)).toEqual([200])
    expect(upstream.requests).toHaveLength(1)
    for (const { head } of upstream.requests) expectCanonical(head)
    expect(upstream.leftOver()).toBe('')
  })

  it('that the backend does not take leaves nothing of what was sent ahead', async () => {
    const seen = await exchangeRaw(bed.port, get('Connection: Upgrade\r\nUpgrade: websocket') + NEXT)
    expect(statusesIn(seen)).toEqual([200])
    expect(upstream.requests).toHaveLength(1)
    expect(upstream.leftOver()).toBe('')
  })

  it('with a body is none', async () => {
    const lines = 'Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3'
    const seen = await exchangeRaw(bed.port, `${get(lines)}abc${NEXT}`)
    expect(statusesIn(seen)).toEqual([200])
    expect(upstream.requests).toMatchObject([{ body: 'abc' }])
  })
})

describe('requests one behind the other', () => {
  it('pass each by itself', async () => {
    const seen = await exchangeRaw(bed.port, get('X: 1') + post('Content-Length: 3', 'abc') + NEXT)
    expect(statusesIn(seen)).toEqual([200, 200, 200])
    expect(upstream.requests.map(({ head, body }) => [head.split(' ')[0], body])).toEqual([
      ['GET', ''],
      ['POST', 'abc'],
      ['GET', ''],
    ])
  })

  it('are not read any more behind one that was refused', async () => {
    const seen = await exchangeRaw(bed.port, `${get('Host: b')}${NEXT}${NEXT}`)
    expect(statusesIn(seen)).toEqual([400])
    expect(upstream.requests).toEqual([])
  })

  it('are not read either where the refused one waits for an answer before it', async () => {
    const seen = await exchangeRaw(bed.port, `${get('X: 1')}${get('Host: b')}${NEXT}`)
    expect(statusesIn(seen)).toEqual([200, 400])
    expect(upstream.requests.map(({ head }) => head.split(' ')[1])).toEqual(['/first'])
  })
})
