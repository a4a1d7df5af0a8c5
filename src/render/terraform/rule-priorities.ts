import type { IngressRule } from '../../model/service-spec.ts'
import { sha256 } from '../../model/sha256.ts'

/**
 * Priorities of listener rules, 1 to 50000 and the lowest first (Elastic Load Balancing). Each follows from its own rule:
 * one that is added or removed does not renumber the others, which AWS would refuse halfway, and two projects on one
 * listener are unlikely to meet. Rules that could match the same request stand in different ranges, the narrower one
 * first: an exact host before `*.example.com` before any host, and of one host the path with more segments.
 */
export interface PlacedRule extends IngressRule {
  /** Of the service and environment, so that projects differ. */
  readonly owner: string
}

/** Colors are verified in front of every rule for users. */
const TEST_SLOTS = 2000
const SLOTS = 800
/** More labels of a wildcard host, or segments of a path, share the last range, in order of their length. */
const MOST_LABELS = 5
const MOST_SEGMENTS = 9

export function rulePriorities(rules: readonly PlacedRule[]): ReadonlyMap<PlacedRule, number> {
  const ranges = Map.groupBy(rules, rangeOf)
  return new Map(
    [...ranges].flatMap(([range, members]) => {
      const first = TEST_SLOTS + 1 + range * SLOTS
      if (members.some(isDeepest)) return inOrder(members).map((rule, at) => [rule, first + at] as const)
      const slots = freeSlots(members.map(keyOf), SLOTS)
      return members.map(rule => [rule, first + (slots.get(keyOf(rule)) ?? 0)] as const)
    }),
  )
}

/** For the rules that reach a color by header; they never match the same request. */
export function testPriorities(owners: readonly string[]): ReadonlyMap<string, number> {
  return new Map([...freeSlots(owners, TEST_SLOTS)].map(([owner, slot]) => [owner, slot + 1]))
}

/** Slots by key; a key whose slot is taken gets the next free one. */
function freeSlots(keys: readonly string[], count: number): ReadonlyMap<string, number> {
  const taken = new Map<number, string>()
  for (const key of [...new Set(keys)].toSorted()) {
    let slot = hash(key) % count
    while (taken.has(slot)) slot = (slot + 1) % count
    taken.set(slot, key)
  }
  return new Map([...taken].map(([slot, key]) => [key, slot]))
}

const hash = (text: string): number => Number.parseInt(sha256(text).slice('sha256:'.length).slice(0, 12), 16)

const keyOf = ({ owner, host = '', path }: PlacedRule): string => `${owner} ${host}${path}`

/** Counted from the narrowest. */
function rangeOf(rule: PlacedRule): number {
  const segments = Math.min(segmentsOf(rule).length, MOST_SEGMENTS)
  return hostRange(rule) * (MOST_SEGMENTS + 1) + (MOST_SEGMENTS - segments)
}

function hostRange({ host }: PlacedRule): number {
  if (host === undefined) return MOST_LABELS
  if (!host.startsWith('*.')) return 0
  // `*.com` has two labels.
  return 1 + MOST_LABELS - Math.min(host.split('.').length, MOST_LABELS)
}

const segmentsOf = ({ path }: PlacedRule): readonly string[] => path.split('/').filter(Boolean)

function isDeepest(rule: PlacedRule): boolean {
  const manyLabels = rule.host?.startsWith('*.') === true && rule.host.split('.').length > MOST_LABELS
  return manyLabels || segmentsOf(rule).length > MOST_SEGMENTS
}

function inOrder(rules: readonly PlacedRule[]): readonly PlacedRule[] {
  const labels = (rule: PlacedRule) => rule.host?.split('.').length ?? 0
  return rules.toSorted(
    (a, b) =>
      labels(b) - labels(a) || segmentsOf(b).length - segmentsOf(a).length || (keyOf(a) < keyOf(b) ? -1 : 1),
  )
}
