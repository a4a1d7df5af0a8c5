import { describe, expect, it } from 'vitest'
import { Buckets } from './buckets.ts'
import { clientNetwork } from './client-network.ts'

const NOW = 1_800_000_000_000

describe('a bucket', () => {
  it('grants a burst, then so many a second', () => {
    const buckets = new Buckets({ burst: 3, perSecond: 2 })
    const granted = (at: number) => buckets.take('a', at).granted
    expect([0, 0, 0, 0].map(() => granted(NOW))).toEqual([true, true, true, false])
    expect([499, 500, 500, 1000].map(after => granted(NOW + after))).toEqual([false, true, false, true])
    expect([0, 0, 0, 0].map(() => granted(NOW + 60_000))).toEqual([true, true, true, false])
  })

  it('says how many are left, and when there are more', () => {
    const buckets = new Buckets({ burst: 2, perSecond: 0.5 })
    expect(buckets.policy).toBe('q=2;w=4')
    expect(buckets.take('a', NOW)).toEqual({
      granted: true,
      remaining: 1,
      fullInSeconds: 2,
      retryAfterSeconds: 0,
    })
    buckets.take('a', NOW)
    expect(buckets.take('a', NOW)).toEqual({
      granted: false,
      remaining: 0,
      fullInSeconds: 4,
      retryAfterSeconds: 2,
    })
    expect(buckets.take('a', NOW + 2000).granted).toBe(true)
  })

  it('is each caller’s own', () => {
    const buckets = new Buckets({ burst: 1, perSecond: 1 })
    expect(['a', 'b', 'a'].map(caller => buckets.take(caller, NOW).granted)).toEqual([true, true, false])
  })

  it('locks nobody out for long when the clock is set back', () => {
    const buckets = new Buckets({ burst: 2, perSecond: 1 })
    buckets.take('a', NOW)
    expect(buckets.take('a', NOW - 3_600_000).granted).toBe(false)
    expect(buckets.take('a', NOW - 3_600_000 + 1000).granted).toBe(true)
  })

  it('remembers a bounded number of callers, those that were quiet for longest not', () => {
    const buckets = new Buckets({ burst: 1, perSecond: 1 }, 100)
    buckets.take('busy', NOW)
    for (let caller = 0; caller < 10_000; caller += 1) {
      buckets.take(`stranger ${caller}`, NOW)
      expect(buckets.take('busy', NOW).granted).toBe(false)
    }
    expect(buckets.size).toBe(100)
    expect(buckets.take('stranger 0', NOW).granted).toBe(true)
  })
})

describe('a client', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ])('at %j counts as %j', (address, network) => {
    expect(clientNetwork(address)).toBe(network)
  })
})
