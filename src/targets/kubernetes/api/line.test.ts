import { describe, expect, it } from 'vitest'
import { createLine } from './line.ts'

const { signal } = new AbortController()

describe('a line', () => {
  it('lets so many through at once, in the order in which they came', async () => {
    const line = createLine(2)
    const order: number[] = []
    let [inside, most] = [0, 0]
    const pass = (number: number) =>
      line.through(async () => {
        order.push(number)
        most = Math.max(most, (inside += 1))
        await Promise.resolve()
        inside -= 1
      }, signal)
    await Promise.all([1, 2, 3, 4, 5, 6].map(pass))
    expect(order).toEqual([1, 2, 3, 4, 5, 6])
    expect(most).toBe(2)
  })

  it('goes on after whoever failed or left', async () => {
    const line = createLine(1)
    const leaving = new AbortController()
    const failing = line.through(() => Promise.reject(new Error('failed')), signal)
    const left = line.through(() => Promise.resolve('left'), leaving.signal)
    const last = line.through(() => Promise.resolve('last'), signal)
    leaving.abort(new Error('gone'))
    const ended = await Promise.allSettled([failing, left, last])
    expect(ended).toMatchObject([
      { reason: { message: 'failed' } },
      { reason: { message: 'gone' } },
      { value: 'last' },
    ])
  })

  it('sends away who waits, and nobody who is through', async () => {
    const line = createLine(1)
    let finish: ((value: string) => void) | undefined
    const first = line.through(
      () =>
        new Promise<string>(resolve => {
          finish = resolve
        }),
      signal,
    )
    const second = line.through(() => Promise.resolve('second'), signal)
    line.dissolve(new Error('closed'))
    await expect(second).rejects.toThrow('closed')
    finish?.('first')
    expect(await first).toBe('first')
    expect(await line.through(() => Promise.resolve('third'), signal)).toBe('third')
  })
})
