import { describe, expect, it } from 'vitest'
import { isBefore } from './fence.ts'

describe('a fence', () => {
  it('orders by store, then rollout, then holder of the lease, then act', () => {
    expect(isBefore([1, 9, 9, 1], [2, 1, 1, 1])).toBe(true)
    expect(isBefore([2, 1, 9, 1], [2, 2, 1, 1])).toBe(true)
    expect(isBefore([2, 2, 1, 1], [2, 2, 2, 1])).toBe(true)
    expect(isBefore([2, 2, 2, 1], [2, 2, 2, 2])).toBe(true)
    expect(isBefore([2, 2, 2, 1], [2, 2, 1, 9])).toBe(false)
    expect(isBefore([2, 1, 1, 1], [1, 9, 9, 1])).toBe(false)
  })

  it('is not before itself, so that an act can be repeated', () => {
    expect(isBefore([1, 2, 3, 1], [1, 2, 3, 1])).toBe(false)
  })
})
