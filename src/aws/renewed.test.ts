import { describe, expect, it } from 'vitest'
import { renewed } from './renewed.ts'

const START = Date.UTC(2026, 0, 1)

/** Values 1, 2, 3, … that hold for 15 minutes, renewed 2 minutes before; each is handed out when `answer` is called. */
function arrange() {
  const clock = { now: START }
  const asked: PromiseWithResolvers<{ value: number; end: number }>[] = []
  const get = renewed({
    fetch: () => {
      const next = Promise.withResolvers<{ value: number; end: number }>()
      asked.push(next)
      return next.promise
    },
    endOf: ({ end }) => end,
    aheadSeconds: 120,
    now: () => clock.now,
  })
  const settled = () => new Promise(resolve => setImmediate(resolve))
  return {
    get: async () => (await get()).value,
    asked,
    passMinutes: (minutes: number) => {
      clock.now += minutes * 60_000
    },
    answer: async () => {
      asked.at(-1)?.resolve({ value: asked.length, end: clock.now + 15 * 60_000 })
      await settled()
    },
    fail: async () => {
      asked.at(-1)?.reject(new Error('no answer'))
      await settled()
    },
  }
}

async function withFirstValue() {
  const all = arrange()
  const first = all.get()
  await all.answer()
  expect(await first).toBe(1)
  return all
}

describe('a value that is renewed', () => {
  it('is fetched when it is first asked for, once for all who ask meanwhile', async () => {
    const { get, answer, asked } = arrange()
    expect(asked).toHaveLength(0)
    const both = Promise.all([get(), get()])
    await answer()
    expect(await both).toEqual([1, 1])
    expect(asked).toHaveLength(1)
  })

  it('is kept until shortly before its end', async () => {
    const { get, asked, passMinutes } = await withFirstValue()
    passMinutes(12.9)
    expect(await get()).toBe(1)
    expect(asked).toHaveLength(1)
  })

  it('is renewed before its end while the old one serves', async () => {
    const { get, answer, asked, passMinutes } = await withFirstValue()
    passMinutes(13)
    expect(await Promise.all([get(), get(), get()])).toEqual([1, 1, 1])
    expect(asked).toHaveLength(2)
    await answer()
    expect(await get()).toBe(2)
  })

  it('is waited for after its end', async () => {
    const { get, answer, passMinutes } = await withFirstValue()
    passMinutes(15)
    const next = get()
    await answer()
    expect(await next).toBe(2)
  })

  it('serves on where its renewal fails, which is tried again after a pause', async () => {
    const { get, fail, answer, asked, passMinutes } = await withFirstValue()
    passMinutes(13)
    expect(await get()).toBe(1)
    await fail()
    expect(await get()).toBe(1)
    expect(asked).toHaveLength(2)
    passMinutes(0.5)
    expect(await get()).toBe(1)
    expect(asked).toHaveLength(3)
    await answer()
    expect(await get()).toBe(3)
  })

  it('tells the error where there is no value, and asks again at the next call', async () => {
    const { get, fail, answer, passMinutes } = await withFirstValue()
    passMinutes(15)
    const failing = get()
    const told = expect(failing).rejects.toThrow('no answer')
    await fail()
    await told
    const next = get()
    await answer()
    expect(await next).toBe(3)
  })
})
