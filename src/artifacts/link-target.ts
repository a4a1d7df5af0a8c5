/** Path of a link → where it points, both as written in the bundle. */
export type Links = ReadonlyMap<string, string>

export type LinkProblem = 'absolute' | 'escaping'

// Linux gives up after 40 as well (path_resolution(7)), so a circle of links leads nowhere and harms nobody.
const MAX_HOPS = 40

/**
 * Says whether a link stays inside its folder. Links on the way are followed, since `a/b/..` is not `a` where
 * `b` is a link; names that are not there count as plain folders, so a dangling link is judged by its words.
 */
export function linkProblem(path: string, links: Links): LinkProblem | undefined {
  const place = path.split('/')
  const pending = [place.pop() ?? '']
  for (let hops = 0; pending.length > 0 && hops <= MAX_HOPS; ) {
    const step = pending.pop() ?? ''
    if (step === '' || step === '.') continue
    if (step === '..') {
      if (place.pop() === undefined) return 'escaping'
      continue
    }
    place.push(step)
    const target = links.get(place.join('/'))
    if (target === undefined) continue
    if (target.startsWith('/')) return 'absolute'
    place.pop()
    pending.push(...target.split('/').toReversed())
    hops++
  }
  return undefined
}
