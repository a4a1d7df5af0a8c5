import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChunkedDecoder } from './chunked-decoder.ts'
import { parseResponseHead } from './response-head.ts'

const head = (...lines: string[]) => parseResponseHead(lines.join('\r\n'), 'GET')

describe('parseResponseHead', () => {
  it('reads status, reason, fields and how the body ends', () => {
    expect(head('HTTP/1.1 404 Not Found', 'Content-Length: 12', 'X-A:  b ')).toMatchObject({
      status: 404,
      statusText: 'Not Found',
      headers: ['Content-Length', '12', 'X-A', 'b'],
      framing: 12,
      keepAlive: true,
    })
    expect(head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')).toMatchObject({
      framing: 'chunked',
      headers: [],
    })
    expect(head('HTTP/1.1 200')).toMatchObject({ framing: 'until close', keepAlive: false, statusText: '' })
    expect(head('HTTP/1.0 200 OK', 'Content-Length: 1')).toMatchObject({ keepAlive: false })
    expect(head('HTTP/1.1 204 No', 'Content-Length: 5')).toMatchObject({ framing: 0, headers: [] })
    expect(parseResponseHead('HTTP/1.1 200 OK\r\nContent-Length: 9', 'HEAD')?.framing).toBe(0)
  })

  it('removes what is meant for the neighbour only, and what Connection names', () => {
    const text = head(
      'HTTP/1.1 200 OK',
      'Connection: X-Secret, keep-alive',
      'Keep-Alive: timeout=5',
      'X-Secret: 1',
      'Trailer: T',
      'Content-Length: 0',
    )
    expect(text).toMatchObject({ headers: ['Content-Length', '0'], keepAliveSeconds: 5, keepAlive: true })
  })

  it.each([
    ['two lengths', 'HTTP/1.1 200 OK', 'Content-Length: 1', 'Content-Length: 2'],
    ['length and chunked', 'HTTP/1.1 200 OK', 'Content-Length: 1', 'Transfer-Encoding: chunked'],
    ['a coding that is not chunked', 'HTTP/1.1 200 OK', 'Transfer-Encoding: gzip, chunked'],
    ['chunked in HTTP/1.0', 'HTTP/1.0 200 OK', 'Transfer-Encoding: chunked'],
    ['a signed length', 'HTTP/1.1 200 OK', 'Content-Length: +1'],
    ['a folded line', 'HTTP/1.1 200 OK', 'A: b', ' c'],
    ['a line without a colon', 'HTTP/1.1 200 OK', 'nonsense'],
    ['another protocol', 'SSH-2.0-x'],
    ['another version', 'HTTP/2.0 200 OK'],
    ['a status that is not a number', 'HTTP/1.1 2x0 OK'],
  ])('refuses %s', (_, ...lines) => {
    expect(head(...lines)).toBeUndefined()
  })
})

function decode(text: string, cuts: readonly number[]) {
  const decoder = new ChunkedDecoder()
  const bytes = Buffer.from(text, 'latin1')
  const edges = [0, ...cuts.map(cut => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  let content = ''
  let last = 'more'
  let rest = ''
  edges.slice(1).forEach((edge, index) => {
    if (last !== 'more') {
      rest += bytes.toString('latin1', edges[index], edge)
      return
    }
    const decoded = decoder.decode(
      bytes.subarray(edges[index], edge),
      piece => (content += piece.toString('latin1')),
    )
    last = decoded.kind
    if (decoded.kind === 'done') rest = decoded.rest.toString('latin1')
  })
  return { content, last, rest }
}

describe('ChunkedDecoder', () => {
  it('finds the content wherever reads cut the stream', () => {
    const pieces = fc.array(
      fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom('a', '\r', '\n', '0', ';') }),
    )
    fc.assert(
      fc.property(pieces, fc.array(fc.nat()), fc.boolean(), (chunks, cuts, trailer) => {
        const framed = chunks.map(chunk => `${chunk.length.toString(16)};x=y\r\n${chunk}\r\n`).join('')
        const text = `${framed}0\r\n${trailer ? 'T: v\r\n' : ''}\r\nNEXT`
        expect(decode(text, cuts)).toEqual({ content: chunks.join(''), last: 'done', rest: 'NEXT' })
      }),
    )
  })

  it.each([
    '3\nabc\r\n0\r\n\r\n',
    '0x3\r\nabc\r\n0\r\n\r\n',
    '-1\r\n',
    '\r\n',
    '3\r\nabcd\r\n',
    `${'0'.repeat(20)}1\r\n`,
    `1;${'x'.repeat(5000)}`,
  ])('refuses %j', text => {
    expect(decode(text, []).last).toBe('malformed')
  })
})
