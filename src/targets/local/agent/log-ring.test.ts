import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { LogRing } from './log-ring.ts'

const line = (text: string) =>
  ({ at: 0, color: 'blue', instance: 'web-blue-1', stream: 'stdout', text }) as const

describe('LogRing', () => {
  it('shows lines from a number on, also those that a reader has not yet seen', () => {
    const ring = new LogRing()
    ring.add(line('one'))
    const next = ring.next
    ring.add(line('two'))
    expect(ring.from(0).map(({ text }) => text)).toEqual(['one', 'two'])
    expect(ring.from(next).map(({ text }) => text)).toEqual(['two'])
  })

  it('forgets the oldest lines and keeps their numbers', () => {
    const ring = new LogRing()
    for (let number = 0; number < 20_000; number += 1) ring.add(line(`line ${number}`))
    expect(ring.next).toBe(20_000)
    expect(ring.from(0).length).toBeLessThan(5000)
    expect(ring.from(19_999).map(({ text }) => text)).toEqual(['line 19999'])
    expect(ring.from(0).at(-1)?.text).toBe('line 19999')
  })

  it('wakes who waits for the next line, and who is aborted', async () => {
    const ring = new LogRing()
    const waiting = ring.added(new AbortController().signal)
    ring.add(line('one'))
    await waiting
    await ring.added(AbortSignal.abort())
  })

  it('leaves nothing with a reader that has waited for a line', async () => {
    const ring = new LogRing()
    const { signal } = new AbortController()
    const waiting = ring.added(signal)
    ring.add(line('one'))
    await waiting
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})
