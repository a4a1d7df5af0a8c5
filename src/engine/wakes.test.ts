import { describe, expect, it } from 'vitest'
import { systemAfter } from './timers.ts'
import { createWakes } from './wakes.ts'

const never = new AbortController().signal
const LONG = 60_000

describe('sleeping by name', () => {
  it('does not lose a wake between the ticket and the sleep', async () => {
    const wakes = createWakes(systemAfter)
    const ticket = wakes.ticket('a')
    wakes.wake('a')
    await wakes.sleep('a', ticket, LONG, never)
  })

  it('ends for all who sleep under the name, and for nobody else', async () => {
    const wakes = createWakes(systemAfter)
    const ended: string[] = []
    const sleep = (name: string, who: string) =>
      wakes.sleep(name, wakes.ticket(name), LONG, never).then(() => ended.push(who))
    const both = [sleep('a', 'one'), sleep('a', 'two')]
    void sleep('b', 'three')
    wakes.wake('a')
    await Promise.all(both)
    expect(ended).toEqual(['one', 'two'])
    wakes.wake('b')
  })

  it('ends when its time is over or when aborted, an endless one too', async () => {
    const wakes = createWakes(systemAfter)
    await wakes.sleep('a', wakes.ticket('a'), 0, never)
    const abort = new AbortController()
    const sleeping = wakes.sleep('a', wakes.ticket('a'), Number.POSITIVE_INFINITY, abort.signal)
    abort.abort()
    await sleeping
    await wakes.sleep('a', wakes.ticket('a'), LONG, abort.signal)
  })
})
