import { beforeEach, describe, expect, it } from 'vitest'
import type { Log } from '../engine/parts.ts'
import { withoutRepeats } from './log-repeats.ts'

let lines: (readonly [string, object, string])[] = []
let now = 0
let log: Log

beforeEach(() => {
  lines = []
  now = 1_000_000
  const to = (level: string) => (facts: object, message: string) => void lines.push([level, facts, message])
  log = withoutRepeats({ info: to('info'), warn: to('warn'), error: to('error') }, { now: () => now })
})

const fail = (error = 'the disk is full') => log.error({ error }, 'looking again soon')

describe('log lines of what is tried again and again', () => {
  it('are written once for as long as it goes on', () => {
    for (let second = 0; second < 500; second += 1) {
      fail()
      now += 1000
    }
    expect(lines).toEqual([['error', { error: 'the disk is full' }, 'looking again soon']])
  })

  it('say every ten minutes that it still goes on, and how often it was said', () => {
    for (let second = 0; second <= 600; second += 1) {
      fail()
      now += 1000
    }
    expect(lines.map(([, facts]) => facts)).toEqual([
      { error: 'the disk is full' },
      { error: 'the disk is full', repeated: 599 },
    ])
  })

  it('are written again when it begins anew, or differs in anything', () => {
    fail()
    now += 30_000
    fail()
    fail('the disk failed')
    log.warn({ error: 'the disk failed' }, 'looking again soon')
    expect(lines).toHaveLength(4)
  })

  it('stay few in memory', () => {
    for (let number = 0; number < 5000; number += 1) fail(String(number))
    expect(lines).toHaveLength(5000)
  })
})
