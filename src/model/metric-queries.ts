/** What a query may leave open, written `$color`. */
const QUERY_PLACEHOLDERS = ['environment', 'service', 'color', 'window'] as const
export type QueryPlaceholder = (typeof QUERY_PLACEHOLDERS)[number]

interface QueryProblem {
  readonly what: string
  readonly remedy: string
}

/** String literals of PromQL: brackets inside of them are no ranges. */
const LITERAL = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g

const known: ReadonlySet<string> = new Set(QUERY_PLACEHOLDERS)

/**
 * What keeps the answers of a query from telling how one color did since the step began: such an answer would be
 * about the other color, or about the time before, and would look like a measurement all the same.
 */
export function queryProblem(query: string): QueryProblem | undefined {
  const placeholders = [...query.matchAll(/\$([A-Za-z_]\w*)/g)].map(match => match[1] ?? '')
  const unknown = placeholders.find(name => !known.has(name))
  if (unknown !== undefined) {
    const all = QUERY_PLACEHOLDERS.map(name => `$${name}`).join(', ')
    return { what: `names $${unknown}, which nothing is filled in for`, remedy: `write one of ${all}` }
  }
  if (!placeholders.includes('color')) {
    return {
      what: 'does not name $color: both colors would get the same answer',
      remedy: 'choose the color’s series, such as {color="$color"}',
    }
  }
  return rangeProblem(query)
}

/** A fixed range, and a recorded series hides one, reaches before a step that is younger than it. */
function rangeProblem(query: string): QueryProblem | undefined {
  const ranges = [...query.replaceAll(LITERAL, '""').matchAll(/\[([^\]]*)\]/g)].map(match => match[1] ?? '')
  const fixed = ranges.find(range => range.trim() !== '$window')
  const remedy = 'write the range [$window]: the time since the step began, at most `window`'
  if (fixed !== undefined) return { what: `looks back [${fixed.trim()}], whenever the step began`, remedy }
  return ranges.length > 0
    ? undefined
    : { what: 'has no range, so nobody knows how far it looks back', remedy }
}
