import { expect, it } from 'vitest'
import { FairTurns } from './fair-turns.ts'

it('gives turns one at a time, in the order of asking', async () => {
  const turns = new FairTurns()
  const seen: string[] = []
  const work = async (name: string): Promise<void> => {
    await turns.take()
    seen.push(`${name} begins`)
    await Promise.resolve()
    seen.push(`${name} ends`)
    turns.giveBack()
  }
  await Promise.all(['a', 'b', 'c'].map(work))
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

it('lets timers run while there is always somebody who asks', async () => {
  const turns = new FairTurns()
  const over = AbortSignal.timeout(1)
  while (!over.aborted) {
    await turns.take()
    turns.giveBack()
  }
  expect(over.aborted).toBe(true)
})
