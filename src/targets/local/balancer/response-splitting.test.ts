import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask, Bed, exchangeRaw } from './balancer-harness.ts'
import { type RecordingUpstream, startRecordingUpstream } from './recording-upstream.ts'

/**
 * Responses that two readers could cut in different places, or that bring more than was asked for. Whatever a backend
 * answers to one request, the next one gets its own answer.
 */

let bed: Bed
let upstream: RecordingUpstream
let answer = ''

beforeAll(async () => {
  bed = await Bed.open()
  upstream = await startRecordingUpstream(({ head }) =>
    head.startsWith('GET /next') ? 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext' : answer,
  )
  bed.set({ blue: [{ id: 'recorder', origin: `http://127.0.0.1:${upstream.port}` }] })
})
beforeEach(() => upstream.forget())
afterAll(async () => {
  await bed.end()
  await upstream.close()
})

const EXTRA = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nextra'

/** What a client sees of an answer; the next one's is asked for over the same pool of connections. */
async function seen(raw: string, method = 'GET'): Promise<string> {
  answer = raw
  const request = `${method} /first HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`
  const text = await exchangeRaw(bed.port, request)
  for (let number = 0; number < 3; number += 1) expect((await ask(bed.port, '/next')).text).toBe('next')
  return text
}

const ok = (lines: string, body: string) => `HTTP/1.1 200 OK\r\n${lines}\r\n\r\n${body}`

describe('an answer that could be read in two ways', () => {
  it.each([
    ['length and chunks', ok('Content-Length: 3\r\nTransfer-Encoding: chunked', '3\r\nabc\r\n0\r\n\r\n')],
    ['chunks and length', ok('Transfer-Encoding: chunked\r\nContent-Length: 3', '3\r\nabc\r\n0\r\n\r\n')],
    ['two lengths', ok('Content-Length: 3\r\nContent-Length: 5', 'abcde')],
    ['a list of lengths', ok('Content-Length: 3, 3', 'abc')],
    ['a signed length', ok('Content-Length: +3', 'abc')],
    ['a negative length', ok('Content-Length: -3', 'abc')],
    ['a hexadecimal length', ok('Content-Length: 0x3', 'abc')],
    ['an overflowing length', ok('Content-Length: 18446744073709551619', 'abc')],
    ['no length', ok('Content-Length:', 'abc')],
    ['a coding like chunked', ok('Transfer-Encoding: xchunked', '3\r\nabc\r\n0\r\n\r\n')],
    ['chunked twice', ok('Transfer-Encoding: chunked, chunked', '3\r\nabc\r\n0\r\n\r\n')],
    ['gzip, chunked', ok('Transfer-Encoding: gzip, chunked', '3\r\nabc\r\n0\r\n\r\n')],
    ['chunked in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'],
    ['a space before the colon', ok('Content-Length : 3', 'abc')],
    ['a tab before the colon', ok('Transfer-Encoding\t: chunked', '3\r\nabc\r\n0\r\n\r\n')],
    ['a folded field', ok('X: a\r\n b\r\nContent-Length: 3', 'abc')],
    ['LF in a value', ok('X: a\nSet-Cookie: b=c\r\nContent-Length: 3', 'abc')],
    ['CR in a value', ok('X: a\rSet-Cookie: b=c\r\nContent-Length: 3', 'abc')],
    ['NUL in a value', ok('X: a\0b\r\nContent-Length: 3', 'abc')],
    ['NUL in a name', ok('X\0: a\r\nContent-Length: 3', 'abc')],
    ['LF in a name', ok('X\nY: a\r\nContent-Length: 3', 'abc')],
    ['no colon', ok('nonsense\r\nContent-Length: 3', 'abc')],
    ['LF in the reason', 'HTTP/1.1 200 O\nSet-Cookie: b=c\r\nContent-Length: 3\r\n\r\nabc'],
    ['CR in the reason', 'HTTP/1.1 200 O\rK\r\nContent-Length: 3\r\n\r\nabc'],
    ['another version', 'HTTP/1.2 200 OK\r\nContent-Length: 3\r\n\r\nabc'],
    ['HTTP/2', 'HTTP/2 200\r\nContent-Length: 3\r\n\r\nabc'],
    ['a status of letters', 'HTTP/1.1 2xx OK\r\nContent-Length: 3\r\n\r\nabc'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\nContent-Length: 3\r\n\r\nabc'],
    ['a signed status', 'HTTP/1.1 +20 OK\r\nContent-Length: 3\r\n\r\nabc'],
    ['a status with a dot', 'HTTP/1.1 2e2 OK\r\nContent-Length: 3\r\n\r\nabc'],
    [
      'an upgrade that nobody asked for',
      'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nabc',
    ],
    ['an endless head', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`],
    ['another protocol', 'SSH-2.0-x\r\n\r\n'],
  ])('is told as 502: %s', async (_, raw) => {
    const text = await seen(raw)
    expect(text).toMatch(/^HTTP\/1\.1 502 /)
    expect(text).not.toMatch(/abc|set-cookie/i)
  })

  it.each([
    ['a bad size', ok('Transfer-Encoding: chunked', '3\r\nabc\r\nx\r\n')],
    ['LF alone', ok('Transfer-Encoding: chunked', '3\nabc\n0\n\n')],
    ['more than said', ok('Transfer-Encoding: chunked', '3\r\nabcd\r\n0\r\n\r\n')],
    ['an overflowing size', ok('Transfer-Encoding: chunked', '3\r\nabc\r\nfffffffffffffffff\r\n')],
    ['an endless extension', ok('Transfer-Encoding: chunked', `3;${'x'.repeat(5000)}\r\nabc\r\n0\r\n\r\n`)],
  ])('is broken off where its chunks make no sense: %s', async (_, raw) => {
    const text = await seen(raw)
    expect(text).not.toContain('\r\n0\r\n\r\n')
  })
})

describe('an answer that brings more than was asked for', () => {
  it.each([
    ['a second response', ok('Content-Length: 3', `abc${EXTRA}`), 'GET'],
    [
      'a second response behind chunks',
      ok('Transfer-Encoding: chunked', `3\r\nabc\r\n0\r\n\r\n${EXTRA}`),
      'GET',
    ],
    ['a body for HEAD', ok('Content-Length: 3', `abc${EXTRA}`), 'HEAD'],
    ['a body with 204', `HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc${EXTRA}`, 'GET'],
    ['a body with 304', `HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\nabc${EXTRA}`, 'GET'],
    ['nothing but LF', ok('Content-Length: 3', 'abc\n\n'), 'GET'],
  ])('gives nobody else anything: %s', async (_, raw, method) => {
    expect(await seen(raw, method)).not.toContain('extra')
  })

  it('has its trailers dropped', async () => {
    const text = await seen(ok('Transfer-Encoding: chunked', '3\r\nabc\r\n0\r\nSet-Cookie: a=b\r\n\r\n'))
    expect(text).toContain('abc')
    expect(text).not.toMatch(/set-cookie/i)
  })

  it('may hint a thousand times before it answers', async () => {
    const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'
    const text = await seen(hint.repeat(1000) + ok('Content-Length: 3', 'abc'))
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*abc$/)
    expect(text).not.toMatch(/103|link/i)
  })

  it('has what Connection names removed, and its length written in one way', async () => {
    const text = await seen(
      ok('Connection: X-Secret, close\r\nX-Secret: 1\r\nKeep-Alive: x\r\nContent-Length: 003', 'abc'),
    )
    expect(text).not.toMatch(/x-secret|keep-alive: x/i)
    expect(text).toMatch(/content-length: 3\r\n/i)
  })
})

describe('an answer that ends too early', () => {
  it('is never made whole', async () => {
    answer = ok('Content-Length: 10', 'abc')
    const asked = exchangeRaw(bed.port, 'GET /first HTTP/1.1\r\nHost: a\r\n\r\n', text => {
      if (text.endsWith('abc')) upstream.forget()
      return false
    })
    expect(await asked).toMatch(/content-length: 10\r\n[^]*abc$/i)
    expect((await ask(bed.port, '/next')).text).toBe('next')
  })
})
