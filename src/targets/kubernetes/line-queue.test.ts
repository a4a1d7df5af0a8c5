import { describe, expect, it } from 'vitest'
import type { LogLine } from '../target.ts'
import { createLineQueue } from './line-queue.ts'

const line = (at: number): LogLine => ({
  at,
  color: 'blue',
  instance: 'web',
  stream: 'stdout',
  text: String(at),
})

describe('lines of many sources', () => {
  it('reach their reader as they come, those of one moment in the order of their times', async () => {
    const ending = new AbortController()
    const queue = createLineQueue()
    queue.add(line(2))
    queue.add(line(1))
    const seen: number[] = []
    for await (const { at } of queue.lines(ending.signal)) {
      seen.push(at)
      if (at === 2) setImmediate(() => queue.add(line(3)))
      if (at === 3) ending.abort()
    }
    expect(seen).toEqual([1, 2, 3])
  })

  it('end with the failure of a source', async () => {
    const queue = createLineQueue()
    queue.fail(new Error('the cluster is away'))
    await expect(queue.lines(new AbortController().signal).next()).rejects.toThrow('the cluster is away')
  })

  it('end for a reader that has left while nothing comes', async () => {
    const ending = new AbortController()
    const next = createLineQueue().lines(ending.signal).next()
    ending.abort()
    expect((await next).done).toBe(true)
  })

  it('lose the oldest where nobody reads as fast as they come', async () => {
    const queue = createLineQueue()
    for (let at = 1; at <= 10_001; at += 1) queue.add(line(at))
    const first = await queue.lines(new AbortController().signal).next()
    expect(first.value?.at).toBe(2)
  })
})
