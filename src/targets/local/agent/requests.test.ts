import { describe, expect, it } from 'vitest'
import { readFence } from './requests.ts'

describe('readFence', () => {
  it('reads four whole numbers', () => {
    expect(readFence('1767225600000,12,3,4')).toEqual([1_767_225_600_000, 12, 3, 4])
  })

  it.each([
    undefined,
    '',
    '1',
    '1,2,3',
    '1,2,3,4,5',
    '1,2,3,x',
    '1,2,3,-4',
    '1,2,3,1.5',
    '1,2,3,',
    `1,2,3,${'9'.repeat(16)}`,
  ])('refuses %j', value => expect(() => readFence(value)).toThrow('is no fence'))
})
