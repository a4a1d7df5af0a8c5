import { describe, expect, it } from 'vitest'
import { PLAIN } from '../terminal/style.ts'
import { changeLines, textDiffLines } from '../views/text-diff-lines.ts'
import { diffText } from './text-diff.ts'

const SIDES = { before: 'HEAD', after: 'blueprint' }
const numbers = (count: number, word = '') =>
  Array.from({ length: count }, (_none, index) => `${word}${index + 1}\n`).join('')

describe('how a file changes', () => {
  it('is told with three lines around, as a patch takes it', () => {
    const diff = diffText({ path: 'a.txt', before: numbers(20), after: numbers(20).replace('9\n', 'nine\n') })
    expect(textDiffLines(diff, SIDES, PLAIN)).toEqual([
      '--- HEAD/a.txt',
      '+++ blueprint/a.txt',
      '@@ -6,7 +6,7 @@',
      ' 6',
      ' 7',
      ' 8',
      '-9',
      '+nine',
      ' 10',
      ' 11',
      ' 12',
    ])
    expect(diff).toMatchObject({ kind: 'changed', added: 1, removed: 1, hunks: [{ firstLine: 9 }] })
  })

  it('is told of a new file and of one that is gone', () => {
    const made = diffText({ path: 'a.txt', after: 'one\ntwo\n' })
    expect(textDiffLines(made, SIDES, PLAIN)).toEqual([
      '--- /dev/null',
      '+++ blueprint/a.txt',
      '@@ -0,0 +1,2 @@',
      '+one',
      '+two',
    ])
    const gone = diffText({ path: 'a.txt', before: 'one\n' })
    expect(textDiffLines(gone, SIDES, PLAIN)).toContain('+++ /dev/null')
    expect(changeLines([made, gone], PLAIN)).toEqual([
      'file         lines',
      'a.txt  new   +2 -0',
      'a.txt  gone  +0 -1',
    ])
  })

  it('says so where too much differs to be read', () => {
    const diff = diffText({ path: 'a.txt', before: numbers(5000, 'a'), after: numbers(5000, 'b') })
    expect(diff.tooMany).toBe(true)
    expect(textDiffLines(diff, SIDES, PLAIN).at(-1)).toContain('too many lines')
  })

  it('steers no terminal with what a file holds', () => {
    const diff = diffText({ path: 'a.txt', before: 'a\n', after: '\u001b[2Ja\n' })
    expect(textDiffLines(diff, SIDES, PLAIN).join('')).not.toContain('\u001b')
  })
})
