import { describe, expect, it } from 'vitest'
import type { Outcome } from './exchange.ts'
import { Tally } from './tally.ts'

const ok: Outcome = { kind: 'answered', status: 200, color: 'blue', release: 'r-1', failedRelease: undefined }
const lost: Outcome = { kind: 'lost', reason: 'reset' }

describe('the longest gap', () => {
  it('lies between two good answers, whatever fails in between', () => {
    const tally = new Tally(0)
    tally.add(ok, 500)
    tally.add(ok, 510)
    tally.add(lost, 520)
    tally.add(ok, 560)
    tally.add(ok, 565)
    expect(tally.totals(570).longestGapMs).toBe(50)
  })

  it('does not count the time before the first answer once there is one', () => {
    const tally = new Tally(0)
    expect(tally.totals(300).longestGapMs).toBe(300)
    tally.add(ok, 400)
    expect(tally.totals(405).longestGapMs).toBe(5)
  })

  it('goes on growing while no answer comes', () => {
    const tally = new Tally(0)
    tally.add(ok, 10)
    tally.add(lost, 500)
    expect(tally.totals(2010).longestGapMs).toBe(2000)
  })
})
