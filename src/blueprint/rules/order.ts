import { predecessorOf } from '../environment-order.ts'
import type { Path } from '../path.ts'
import { eachService, type Finding, type Rule, type Subject } from './rule.ts'

/** Nothing waits for itself: services of a release, environments, organizational units. */
export const order: Rule = subject => [
  ...serviceCircles(subject),
  ...environmentCircles(subject),
  ...unitCircles(subject),
]

function serviceCircles(subject: Subject): Finding[] {
  return Object.values(subject.environments).flatMap(({ services }) => {
    const next = (name: string) => services[name]?.settings.after ?? []
    return inOrBehindCircles(Object.keys(services), next).flatMap(service => {
      const circle = circleFrom(service, next)
      if (circle === undefined) return []
      const path = services[service]?.origins.get('after')?.at ?? ['services', service]
      const what = `${circle.join(' waits for ')}: a circle in which nothing can begin`
      return [{ path, what, remedy: 'remove one of these from its `after`' }]
    })
  })
}

function environmentCircles({ blueprint }: Subject): Finding[] {
  const next = (name: string) => predecessorOf(blueprint, name) ?? []
  return Object.keys(blueprint.environments).flatMap(name => {
    const circle = circleFrom(name, each => [next(each)].flat())
    if (circle === undefined) return []
    const path: Path = [
      'environments',
      name,
      ...(blueprint.environments[name]?.after === undefined ? [] : ['after']),
    ]
    const what = `${circle.join(' comes after ')}: a circle that no release can enter`
    return [{ path, what, remedy: 'remove `after` where the order of the file is meant' }]
  })
}

function unitCircles({ blueprint }: Subject): Finding[] {
  const units = blueprint.organization?.units ?? {}
  return Object.keys(units).flatMap(unit => {
    const circle = circleFrom(unit, each => [units[each]?.parent ?? []].flat())
    if (circle === undefined) return []
    const what = `${circle.join(' stands in ')}: a circle`
    return [{ path: ['organization', 'units', unit, 'parent'], what, remedy: 'remove one `parent`' }]
  })
}

type Next = (name: string) => readonly string[]

/**
 * What is left when names that no other leads to are taken away, again and again. Looking for a circle from every one
 * of thousands of names takes seconds; mostly nothing is left.
 */
function inOrBehindCircles(names: readonly string[], next: Next): readonly string[] {
  const leadingTo = new Map<string, number>()
  for (const name of names.flatMap(next)) leadingTo.set(name, (leadingTo.get(name) ?? 0) + 1)
  const outside = new Set(names.filter(name => !leadingTo.has(name)))
  for (const name of outside) {
    for (const following of next(name)) {
      const left = (leadingTo.get(following) ?? 0) - 1
      leadingTo.set(following, left)
      if (left === 0) outside.add(following)
    }
  }
  return names.filter(name => !outside.has(name))
}

/** The shortest way from a name back to itself. */
function circleFrom(start: string, next: Next): readonly string[] | undefined {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (const name of queue) {
    for (const following of next(name)) {
      if (following === start) return wayTo(name, cameFrom, start)
      if (cameFrom.has(following)) continue
      cameFrom.set(following, name)
      queue.push(following)
    }
  }
  return undefined
}

function wayTo(last: string, cameFrom: ReadonlyMap<string, string>, start: string): readonly string[] {
  const way = [last]
  while (way[0] !== start && way[0] !== undefined) way.unshift(cameFrom.get(way[0]) ?? start)
  return [...way, start]
}

/** A service that waits for another is rolled out in the same environments: listing a service twice is a slip. */
export const listedOnce: Rule = subject =>
  eachService(subject, ({ settings }, { at }) =>
    (['after', 'calls'] as const).flatMap(field => {
      const twice = settings[field].find((name, index, all) => all.indexOf(name) !== index)
      return twice === undefined || (field === 'calls' && at('calls').length === 2)
        ? []
        : [{ path: at(field), what: `lists ${twice} twice`, remedy: 'keep one' }]
    }),
  )
