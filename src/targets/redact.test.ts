import { describe, expect, it } from 'vitest'
import { redactor } from './redact.ts'

describe('redactor', () => {
  it('takes values out of a text, longer ones first, and each line of those that have several', () => {
    const redact = redactor({ a: 'hunter', b: 'hunter-two', key: 'BEGIN KEY\nMIIEabc\nEND KEY' })
    expect(redact('hunter-two and hunter')).toBe('••• and •••')
    expect(redact('line: MIIEabc')).toBe('line: •••')
  })

  it('leaves values alone that are too short to tell from words', () => {
    expect(redactor({ a: 'no' })('nothing')).toBe('nothing')
  })
})
