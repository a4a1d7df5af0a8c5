import type { IngressRule } from '../../model/service-spec.ts'

/** The AWS Load Balancer Controller takes orders from 1 to 1,000. */
const HIGHEST_ORDER = 1000

export interface OrderedRules {
  /** Of Ingresses that share a load balancer the lower one is asked first. */
  readonly order: number
  readonly rules: readonly IngressRule[]
}

interface OwnedRule {
  readonly service: string
  readonly rule: IngressRule
  /** Without a slash at its end; the root is empty. */
  readonly path: string
}

/** One has to stand before the other. */
type Pair<T> = readonly [first: T, second: T]

/**
 * A load balancer that is shared takes the first rule that fits, so the more exact one has to stand before: an exact host
 * before a wildcard before none, then a longer path before a shorter one. A service has several Ingresses only where its
 * own rules stand on both sides of another's.
 */
export function ingressOrder(
  services: ReadonlyMap<string, readonly IngressRule[]>,
): ReadonlyMap<string, readonly OrderedRules[]> {
  const owned = [...services].flatMap(([service, rules]) =>
    rules.map(rule => ({ service, rule, path: rule.path.replace(/\/+$/, '') })),
  )
  const pairs = precedences(owned)
  const serviceLevels = levels(pairs.map(([first, second]) => [first.service, second.service]))
  const ruleLevels =
    serviceLevels === undefined
      ? levels(pairs.map(([first, second]) => [first.rule, second.rule]))
      : undefined
  return new Map(
    [...services].map(([service, rules]) => [
      service,
      inOrder(rules, rule => serviceLevels?.get(service) ?? ruleLevels?.get(rule) ?? 1),
    ]),
  )
}

function inOrder(
  rules: readonly IngressRule[],
  orderOf: (rule: IngressRule) => number,
): readonly OrderedRules[] {
  return [...Map.groupBy(rules, orderOf)]
    .toSorted(([a], [b]) => a - b)
    .map(([order, each]) => ({ order: Math.min(order, HIGHEST_ORDER), rules: each }))
}

/** Rules of different services that both fit some request. */
function precedences(owned: readonly OwnedRule[]): readonly Pair<OwnedRule>[] {
  const byHost = Map.groupBy(owned, ({ rule }) => rule.host ?? '')
  const byPlace = new Map(owned.map(each => [`${each.rule.host ?? ''} ${each.path}`, each]))
  return owned.flatMap(first => {
    const host = first.rule.host ?? ''
    const shorter = parents(first.path).map(path => byPlace.get(`${host} ${path}`))
    const moreHosts = wider(host).flatMap(each => byHost.get(each) ?? [])
    return [...shorter, ...moreHosts.filter(({ path }) => overlap(path, first.path))].flatMap(second =>
      second === undefined || second.service === first.service ? [] : [[first, second] as const],
    )
  })
}

/** `/a/b` stands below `/a` and the root. */
function parents(path: string): readonly string[] {
  return [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index))
}

/** Hosts that fit as well: `a.example.com` is one of `*.example.com`, of `*.com` and of every host. */
function wider(host: string): readonly string[] {
  if (host === '') return []
  const name = host.replace(/^\*\./, '')
  return [...[...name.matchAll(/\./g)].map(({ index }) => `*${name.slice(index)}`), '']
}

function overlap(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
}

/** The length of the longest way to each; undefined where some stand before themselves. */
function levels<T>(pairs: readonly Pair<T>[]): ReadonlyMap<T, number> | undefined {
  const after = Map.groupBy(pairs, ([first]) => first)
  const waiting = new Map<T, number>()
  for (const [first, second] of pairs) {
    waiting.set(first, waiting.get(first) ?? 0)
    waiting.set(second, (waiting.get(second) ?? 0) + 1)
  }
  const level = new Map<T, number>([...waiting].flatMap(([each, count]) => (count === 0 ? [[each, 1]] : [])))
  const ready = [...level.keys()]
  for (const first of ready) {
    for (const [, second] of after.get(first) ?? []) {
      const left = (waiting.get(second) ?? 0) - 1
      waiting.set(second, left)
      level.set(second, Math.max(level.get(second) ?? 0, (level.get(first) ?? 0) + 1))
      if (left === 0) ready.push(second)
    }
  }
  return ready.length === waiting.size ? level : undefined
}
