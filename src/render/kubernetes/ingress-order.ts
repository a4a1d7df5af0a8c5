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
type Pair<First, Second = First> = readonly [first: First, second: Second]

/** Rules that others stand before together: thousands of hosts and thousands of paths without one would be millions of pairs. */
type Group = readonly OwnedRule[]

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
  const found = precedences(owned)
  const serviceLevels = levels(pairsBy(found, ({ service }) => service))
  const ruleLevels = serviceLevels === undefined ? levels(pairsBy(found, ({ rule }) => rule)) : undefined
  return new Map(
    [...services].map(([service, rules]) => [
      service,
      // Every other level is one of groups.
      inOrder(rules, rule => Math.ceil((serviceLevels?.get(service) ?? ruleLevels?.get(rule) ?? 1) / 2)),
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
function precedences(owned: readonly OwnedRule[]): readonly Pair<OwnedRule, Group>[] {
  const byPlace = new Map(owned.map(each => [`${each.rule.host ?? ''} ${each.path}`, [each]]))
  const groups = groupsOf(owned)
  return owned.flatMap(first => {
    const host = first.rule.host ?? ''
    const shorter = parents(first.path).map(path => byPlace.get(`${host} ${path}`))
    const moreHosts = wider(host).flatMap(each => overlapping(each, first.path).map(key => groups.get(key)))
    return [...shorter, ...moreHosts].flatMap(group =>
      group === undefined ? [] : [[first, ofOthers(group, first.service)] as const],
    )
  })
}

/** Where each rule is found: at its own place, and below every place that it stands below. */
function groupsOf(owned: readonly OwnedRule[]): ReadonlyMap<string, Group> {
  const groups = new Map<string, OwnedRule[]>()
  for (const each of owned) {
    const host = each.rule.host ?? ''
    for (const key of [at(host, each.path), ...parents(each.path).map(path => below(host, path))]) {
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [each])
      else group.push(each)
    }
  }
  return groups
}

const at = (host: string, path: string) => `at ${host} ${path}`
const below = (host: string, path: string) => `below ${host} ${path}`

/** Groups whose paths are the same, longer or shorter. */
function overlapping(host: string, path: string): readonly string[] {
  return [at(host, path), below(host, path), ...parents(path).map(each => at(host, each))]
}

/** The same group, not another like it, where it has nothing of the service. */
function ofOthers(group: Group, service: string): Group {
  const others = group.filter(each => each.service !== service)
  return others.length === group.length ? group : others
}

/** Through the groups: there are as many pairs as rules and members together. */
function pairsBy<T>(
  found: readonly Pair<OwnedRule, Group>[],
  nameOf: (rule: OwnedRule) => T,
): readonly Pair<T | Group>[] {
  const groups = new Set(found.map(([, group]) => group))
  return [
    ...found.map(([first, group]) => [nameOf(first), group] as const),
    ...[...groups].flatMap(group => group.map(second => [group, nameOf(second)] as const)),
  ]
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
