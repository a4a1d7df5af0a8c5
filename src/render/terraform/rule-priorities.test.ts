import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PlacedRule, rulePriorities, testPriorities } from './rule-priorities.ts'

const rule = (path: string, host?: string): PlacedRule => ({
  owner: 'shop-prod-web',
  path,
  ...(host === undefined ? {} : { host }),
})

function orderOf(...rules: readonly PlacedRule[]): readonly string[] {
  const priorities = rulePriorities(rules)
  return [...priorities].toSorted(([, a], [, b]) => a - b).map(([{ host = '', path }]) => `${host}${path}`)
}

describe('priorities of listener rules', () => {
  it('put the narrower rule first', () => {
    expect(
      orderOf(
        rule('/'),
        rule('/api'),
        rule('/', '*.example.com'),
        rule('/api', '*.example.com'),
        rule('/', 'shop.example.com'),
        rule('/api/v1', 'shop.example.com'),
        rule('/api', 'shop.example.com'),
        rule('/', '*.eu.example.com'),
      ),
    ).toEqual([
      'shop.example.com/api/v1',
      'shop.example.com/api',
      'shop.example.com/',
      '*.eu.example.com/',
      '*.example.com/api',
      '*.example.com/',
      '/api',
      '/',
    ])
  })

  it('stay as they are when another rule comes or goes', () => {
    const one = rule('/api')
    const before = rulePriorities([one, rule('/')]).get(one)
    expect(rulePriorities([rule('/a'), rule('/b/c'), one, rule('/', 'x.example.com')]).get(one)).toBe(before)
  })

  it('order even paths that are deeper than ranges reach', () => {
    const deep = `/${'a/'.repeat(12)}`
    expect(orderOf(rule(deep), rule(`${deep}b`), rule(`${deep}b/c`))).toEqual([
      `${deep}b/c`,
      `${deep}b`,
      deep,
    ])
  })

  it('are 1 to 50000, each once, behind those of tests', () => {
    const host = fc.option(fc.stringMatching(/^(\*\.)?([a-z]{1,3}\.){1,7}com$/), { nil: undefined })
    const path = fc
      .array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 })
      .map(parts => `/${parts.join('/')}`)
    const unique = fc.uniqueArray(
      fc.tuple(path, host).map(([at, name]) => rule(at, name)),
      { maxLength: 60, selector: ({ host: name, path: at }) => `${name}${at}` },
    )
    fc.assert(
      fc.property(unique, rules => {
        const numbers = [...rulePriorities(rules).values()]
        expect(new Set(numbers).size).toBe(rules.length)
        expect(numbers.every(number => number > 2000 && number <= 50_000)).toBe(true)
      }),
    )
    const owners = Array.from({ length: 900 }, (_, index) => `service-${index}-blue`)
    const tests = [...testPriorities(owners).values()]
    expect(new Set(tests).size).toBe(900)
    expect(Math.min(...tests)).toBeGreaterThanOrEqual(1)
    expect(Math.max(...tests)).toBeLessThanOrEqual(2000)
  })
})
