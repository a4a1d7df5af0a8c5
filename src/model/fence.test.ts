import { describe, expect, it } from 'vitest'
import { isBefore, promotionNumber } from './fence.ts'

describe('a fence', () => {
  it('orders by store, then promotion, then holder of the lease', () => {
    expect(isBefore([1, 9, 9], [2, 1, 1])).toBe(true)
    expect(isBefore([2, 1, 9], [2, 2, 1])).toBe(true)
    expect(isBefore([2, 2, 1], [2, 2, 2])).toBe(true)
    expect(isBefore([2, 2, 2], [2, 2, 1])).toBe(false)
    expect(isBefore([2, 1, 1], [1, 9, 9])).toBe(false)
  })

  it('is not before itself, so that an act can be repeated', () => {
    expect(isBefore([1, 2, 3], [1, 2, 3])).toBe(false)
  })

  it('reads the number of a promotion whose environment has a number too', () => {
    expect(promotionNumber('eu-1-12')).toBe(12)
    expect(() => promotionNumber('prod')).toThrow('prod')
  })
})
