import { describe, expect, it } from 'vitest'
import { formatDuration, formatMeasured, parseDuration } from '../duration.ts'
import { formatBar } from './bar.ts'
import { formatBytes } from './bytes.ts'
import { createStyle, PLAIN } from './style.ts'
import { formatTable, indent } from './table.ts'
import { shorten, textWidth } from './text-width.ts'

describe('a table', () => {
  it('aligns columns by what is seen, not by bytes or color codes', () => {
    const style = createStyle(true)
    const [, first, second] = formatTable(
      ['a', 'b'],
      [
        [style.good('東京'), 'x'],
        ['abcdef', 'y'],
      ],
      style,
    )
    expect(textWidth(first ?? '')).toBe(textWidth(second ?? ''))
  })

  it('ends its lines with the last text', () => {
    expect(
      formatTable(
        ['name', 'state'],
        [
          ['a', ''],
          ['b', 'open'],
        ],
        PLAIN,
      ),
    ).toEqual(['name  state', 'a', 'b     open'])
  })
})

describe('a bar of traffic', () => {
  it('shows a small share and never hides the other', () => {
    expect(formatBar({ blue: 99, green: 1 }, 8, PLAIN)).toBe('█▒▒▒▒▒▒▒')
    expect(formatBar({ blue: 1, green: 99 }, 8, PLAIN)).toBe('███████▒')
    expect(formatBar({ blue: 0, green: 100 }, 8, PLAIN)).toBe('████████')
    expect(formatBar({ blue: 100, green: 0 }, 8, PLAIN)).toBe('▒▒▒▒▒▒▒▒')
  })
})

describe('sizes and times', () => {
  it('are told in the largest unit that still says something', () => {
    expect([5_000, 90_000, 180_000, 7_200_000, 300_000_000].map(formatDuration)).toEqual([
      '5s',
      '90s',
      '3m',
      '2h',
      '3d',
    ])
    expect([734, 2_130_000, 999_600].map(formatBytes)).toEqual(['734 B', '2.1 MB', '1.0 MB'])
    expect([143.4, 12_400].map(formatMeasured)).toEqual(['143 ms', '12.4 s'])
  })

  it('are read with their unit only', () => {
    expect(['90s', '15m', '2h', '7d', '1w', '5', 'h', '-1s', ''].map(parseDuration)).toEqual([
      90,
      900,
      7200,
      604_800,
      604_800,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('text that is too long', () => {
  it('is cut at whole characters', () => {
    expect(shorten('abcdef', 4)).toBe('abc…')
    expect(shorten('東京都庁', 5)).toBe('東京…')
  })

  it('of several lines is moved to the right as a whole', () => {
    expect(indent('a\n\nb', 2)).toEqual(['  a', '', '  b'])
  })
})
