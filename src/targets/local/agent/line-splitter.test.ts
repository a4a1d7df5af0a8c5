import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_LINE_BYTES, splitLines } from './line-splitter.ts'

function linesOf(chunks: readonly Buffer[]): readonly string[] {
  const lines: string[] = []
  const splitter = splitLines(text => lines.push(text))
  for (const chunk of chunks) splitter.push(chunk)
  splitter.end()
  return lines
}

describe('splitLines', () => {
  it('gives the same lines however the bytes arrive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' })),
        fc.integer({ min: 1, max: 9 }),
        (texts, size) => {
          const lines = texts.map(text => text.replaceAll(/[\r\n]/g, ''))
          const bytes = Buffer.from(lines.map(line => `${line}\n`).join(''))
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
            bytes.subarray(index * size, (index + 1) * size),
          )
          expect(linesOf(chunks)).toEqual(lines)
        },
      ),
    )
  })

  it('ends the last line without a line feed, and drops carriage returns at ends', () => {
    expect(linesOf([Buffer.from('one\r\n\ntwo')])).toEqual(['one', '', 'two'])
  })

  it('cuts a line that is too long between characters', () => {
    const text = `a${'ü'.repeat(MAX_LINE_BYTES)}`
    const lines = linesOf([Buffer.from(text)])
    expect(lines.join('')).toBe(text)
    expect(Math.max(...lines.map(line => Buffer.byteLength(line)))).toBeLessThanOrEqual(MAX_LINE_BYTES)
  })

  it('takes bytes that are no text', () => {
    expect(linesOf([Buffer.from([0xff, 0x00, 0x0a, 0x41])])).toEqual(['\uFFFD\u0000', 'A'])
    expect(linesOf([Buffer.alloc(3 * MAX_LINE_BYTES, 0x80)]).length).toBeGreaterThanOrEqual(3)
  })
})
