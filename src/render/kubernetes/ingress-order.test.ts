import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { IngressRule } from '../../model/service-spec.ts'
import { ingressOrder } from './ingress-order.ts'

const rule = (text: string): IngressRule => {
  const slash = text.indexOf('/')
  return slash === 0 ? { path: text } : { host: text.slice(0, slash), path: text.slice(slash) }
}

const ordersOf = (services: Readonly<Record<string, readonly string[]>>) => {
  const given = new Map(Object.entries(services).map(([name, rules]) => [name, rules.map(rule)]))
  return Object.fromEntries(
    [...ingressOrder(given)].map(([name, groups]) => [
      name,
      groups.map(
        ({ order, rules }) => `${order}: ${rules.map(({ host = '', path }) => host + path).join(' ')}`,
      ),
    ]),
  )
}

describe('the order of Ingresses that share a load balancer', () => {
  it('puts a longer path before the path that it stands below', () => {
    expect(ordersOf({ web: ['/'], api: ['/api'], v1: ['/api/v1'] })).toEqual({
      web: ['3: /'],
      api: ['2: /api'],
      v1: ['1: /api/v1'],
    })
  })

  it('puts an exact host before a wildcard before every host', () => {
    expect(ordersOf({ all: ['/api/v1'], wild: ['*.example.com/api'], exact: ['a.example.com/'] })).toEqual({
      all: ['3: /api/v1'],
      wild: ['2: *.example.com/api'],
      exact: ['1: a.example.com/'],
    })
  })

  it('is nobody’s business where no request fits two services', () => {
    expect(
      ordersOf({ a: ['a.example.com/', 'a.example.com/x'], b: ['b.example.com/', '*.example.org/'] }),
    ).toEqual({
      a: ['1: a.example.com/ a.example.com/x'],
      b: ['1: b.example.com/ *.example.org/'],
    })
  })

  it('gives a service two Ingresses where another’s rule stands between its own', () => {
    expect(ordersOf({ web: ['/', '/api/docs'], api: ['/api'] })).toEqual({
      web: ['1: /api/docs', '3: /'],
      api: ['2: /api'],
    })
  })

  it('has hosts before the paths without one of others, not before those of the same service', () => {
    expect(ordersOf({ web: ['a.example.com/', '/'], api: ['b.example.com/'] })).toEqual({
      web: ['2: a.example.com/ /'],
      api: ['1: b.example.com/'],
    })
    expect(ordersOf({ web: ['a.example.com/', '/a'], api: ['b.example.com/', '/b'] })).toEqual({
      web: ['1: a.example.com/', '2: /a'],
      api: ['1: b.example.com/', '2: /b'],
    })
  })

  it('sends any request where the most exact rule says', () => {
    const hosts = [undefined, 'a.example.com', 'b.example.com', '*.example.com', '*.com']
    const paths = ['/', '/a', '/a/b', '/a/b/c', '/b']
    const places = hosts.flatMap(host => paths.map(path => (host === undefined ? { path } : { host, path })))
    const services = fc
      .shuffledSubarray(places)
      .chain(rules =>
        fc.tuple(fc.constant(rules), fc.array(fc.constantFrom('x', 'y', 'z'), { minLength: 25 })),
      )
      .map(([rules, owners]) => Map.groupBy(rules, each => owners[rules.indexOf(each)] ?? 'x'))
    fc.assert(
      fc.property(
        services,
        fc.constantFrom('a.example.com', 'c.example.com', 'd.com', 'e.org'),
        fc.constantFrom(...paths),
        (given, host, path) => {
          const rules = [...ingressOrder(given)].flatMap(([service, groups]) =>
            groups.flatMap(group => group.rules.map(each => ({ service, each, order: group.order }))),
          )
          const fitting = rules.filter(({ each }) => fits(each, host, path))
          const best = fitting.toSorted((a, b) => exactness(b.each) - exactness(a.each))[0]
          const first = Math.min(...fitting.map(({ order }) => order))
          const answering = new Set(
            fitting.filter(({ order }) => order === first).map(({ service }) => service),
          )
          expect(answering).toEqual(new Set(best === undefined ? [] : [best.service]))
        },
      ),
      { numRuns: 500 },
    )
  })
})

function fits({ host: wanted, path: prefix }: IngressRule, host: string, path: string): boolean {
  const hostFits =
    wanted === undefined || wanted === host || (wanted.startsWith('*.') && host.endsWith(wanted.slice(1)))
  return hostFits && (prefix === '/' || path === prefix || path.startsWith(`${prefix}/`))
}

function exactness({ host, path }: IngressRule): number {
  const byHost = host === undefined ? 0 : host.startsWith('*') ? host.length : 100
  return byHost * 100 + path.length
}
