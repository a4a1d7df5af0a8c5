import { describe, expect, it } from 'vitest'
import { startServer } from '../testing/start-server.ts'
import { isDeeper } from './json-body.ts'

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

describe('nesting', () => {
  it.each([
    [nested(3), false],
    [nested(4), true],
    ['{"a":{"b":{"c":{}}}}', true],
    ['[[],[],[],[],[{}]]', false],
    ['["[[[[[", "\\"[[[[", "\\\\"]', false],
    ['["\\\\", [[[]]]]', true],
    ['"[[[[', false],
    ['', false],
  ])('of %s is told without parsing', (text, deeper) => {
    expect(isDeeper(text, 3)).toBe(deeper)
  })

  it('beyond 32 is refused, a megabyte of it too', async () => {
    const test = await startServer()
    const send = (payload: string) =>
      test.as('admin', {
        method: 'POST',
        url: '/api/v1/promotions',
        headers: { 'content-type': 'application/json' },
        payload,
      })
    for (const depth of [33, 500_000]) {
      const response = await send(nested(depth))
      expect(response.statusCode).toBe(400)
      expect(response.json<{ detail: string }>().detail).toContain('more than 32 objects and lists')
    }
    expect((await send(nested(32))).json<{ detail: string }>().detail).toContain('expected object')
    await test.close()
  })
})
