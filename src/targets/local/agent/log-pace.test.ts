import { describe, expect, it } from 'vitest'
import { createLogPace } from './log-pace.ts'

describe('the pace of logs', () => {
  it('keeps nobody waiting who seldom prints', () => {
    let now = 1000
    const pace = createLogPace({ bytesPerSecond: 1_000_000, now: () => now })
    for (let line = 0; line < 100; line += 1) {
      expect(pace.read(100)).toBe(0)
      now += 10
    }
  })

  it('lets many through together no faster than the bound', () => {
    let now = 0
    let read = 0
    const pace = createLogPace({ bytesPerSecond: 1_000_000, now: () => now })
    const turns = Array.from({ length: 20 }, () => 0)
    for (; now < 10_000; now += 1) {
      for (const [stream, resumesAt] of turns.entries()) {
        if (now < resumesAt) continue
        read += 65_536
        turns[stream] = now + pace.read(65_536)
      }
    }
    expect(read).toBeGreaterThan(9_000_000)
    expect(read).toBeLessThan(10_000_000 + 20 * 65_536 + 50_000)
  })
})
