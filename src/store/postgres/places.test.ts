import { expect, it } from 'vitest'
import { Places } from './places.ts'

it('lets in as many as there are places, and the others in the order in which they came', async () => {
  const places = new Places(2)
  const entered: number[] = []
  const all = [1, 2, 3, 4].map(async number => {
    expect(await places.take(10_000)).toBe(true)
    entered.push(number)
  })
  await Promise.all(all.slice(0, 2))
  expect(entered).toEqual([1, 2])
  places.giveBack()
  await all[2]
  places.giveBack()
  await all[3]
  expect(entered).toEqual([1, 2, 3, 4])
})

it('sends away who waited too long, and gives the place to the next', async () => {
  const places = new Places(1)
  await places.take(0)
  expect(await places.take(1)).toBe(false)
  const next = places.take(10_000)
  places.giveBack()
  expect(await next).toBe(true)
})
