import { setImmediate as letOthersRun } from 'node:timers/promises'

/** Path of a link → where it points, both as written in the bundle. */
export type Links = ReadonlyMap<string, string>

export type LinkProblem = 'absolute' | 'escaping' | 'winding'

// Linux gives up after 40 as well (path_resolution(7)), so a circle of links leads nowhere and harms nobody.
const MAX_HOPS = 40
// No link that people or package managers make comes near it; a bundle of links made to be costly would.
const MAX_STEPS = 1000
const LINKS_AT_ONCE = 50

/**
 * Says whether a link stays inside its folder. Links on the way are followed, since `a/b/..` is not `a` where
 * `b` is a link; names that are not there count as plain folders, so a dangling link is judged by its words.
 */
export function linkProblem(path: string, links: Links): LinkProblem | undefined {
  let place = folderOf(path)
  const pending = [path.slice(place === '' ? 0 : place.length + 1)]
  let hops = 0
  for (let steps = 0; pending.length > 0 && hops <= MAX_HOPS; steps++) {
    if (steps > MAX_STEPS) return 'winding'
    const step = pending.pop() ?? ''
    if (step === '' || step === '.') continue
    if (step === '..') {
      if (place === '') return 'escaping'
      place = folderOf(place)
      continue
    }
    const next = place === '' ? step : `${place}/${step}`
    const target = links.get(next)
    if (target === undefined) {
      place = next
      continue
    }
    if (target.startsWith('/')) return 'absolute'
    pending.push(...target.split('/').toReversed())
    hops++
  }
  return undefined
}

/** Every link that does not stay inside; lets other work go on meanwhile, since there may be many. */
export async function* linkProblems(
  links: Links,
): AsyncGenerator<readonly [path: string, LinkProblem], void> {
  let judged = 0
  for (const path of links.keys()) {
    const problem = linkProblem(path, links)
    if (problem !== undefined) yield [path, problem]
    judged += 1
    if (judged % LINKS_AT_ONCE === 0) await letOthersRun()
  }
}

/** The path without its last name; empty at the top. */
function folderOf(path: string): string {
  const end = path.lastIndexOf('/')
  return end === -1 ? '' : path.slice(0, end)
}
