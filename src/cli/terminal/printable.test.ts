import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { oneLine, printable, printableData } from './printable.ts'

describe('text from outside', () => {
  it('loses colors, cursor moves, titles and links, and keeps what it says', () => {
    const hostile =
      '\u001b[2J\u001b[31mred\u001b[0m \u001b]0;title\u0007\u001b]8;;http://evil\u001b\\link\u001b]8;;\u001b\\ \u009b1Aup'
    expect(printable(hostile)).toBe('red link up')
  })

  it('loses controls that turn the reading direction', () => {
    expect(printable('abc\u202edef\u2066ghi')).toBe('abcdefghi')
  })

  it('keeps line feeds and tabs, but not in one line', () => {
    expect(printable('a\n\tb\rc')).toBe('a\n\tbc')
    expect(oneLine('a\n\tb')).toBe('a b')
  })

  it('keeps every other writing as it is', () => {
    expect(printable('größer 東京 🙂')).toBe('größer 東京 🙂')
  })

  it('has no control character left, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), text => {
        expect(printable(`\u001b[${text}\u009d${text}`)).not.toMatch(/[^\P{Cc}\t\n]/u)
      }),
    )
  })

  it('is made printable anywhere inside data', () => {
    expect(printableData({ a: ['\u001b[1mx', 1, null, { '\u0007b': true }] })).toEqual({
      a: ['x', 1, null, { b: true }],
    })
  })
})
