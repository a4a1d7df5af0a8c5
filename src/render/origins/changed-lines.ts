import { diffArrays } from 'diff'

/** More lines than that are taken as changed without looking for those that moved. */
const MOST_COMPARED = 1000

export interface ChangedLines {
  /** Lines, counted from 1, that the other text has no more or in other words. */
  readonly lines: ReadonlySet<number>
  /** False where lines came or went: which of several equal lines is the same one is a guess then. */
  readonly certain: boolean
}

/** How another text differs from the lines of the first. */
export function changedLines(lines: readonly string[], other: string): ChangedLines {
  const others = linesOf(other)
  if (others.length === lines.length) {
    const changed = lines.flatMap((line, index) => (line === others[index] ? [] : [index + 1]))
    return { lines: new Set(changed), certain: true }
  }
  return { lines: alignedChanges(lines, others), certain: false }
}

function alignedChanges(lines: readonly string[], others: readonly string[]): ReadonlySet<number> {
  let start = 0
  while (start < lines.length && lines[start] === others[start]) start++
  let end = lines.length
  let otherEnd = others.length
  while (end > start && otherEnd > start && lines[end - 1] === others[otherEnd - 1]) {
    end--
    otherEnd--
  }
  const changes = diffArrays(lines.slice(start, end), others.slice(start, otherEnd), {
    maxEditLength: MOST_COMPARED,
  })
  if (changes === undefined) return range(start, end)
  const changed = new Set<number>()
  let line = start
  for (const { added, removed, count } of changes) {
    if (removed) for (let index = 0; index < count; index++) changed.add(line + index + 1)
    if (!added) line += count
  }
  return changed
}

/** The lines of a text whose last line is ended. */
export function linesOf(text: string): readonly string[] {
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
}

function range(start: number, end: number): ReadonlySet<number> {
  return new Set(Array.from({ length: end - start }, (_none, index) => start + index + 1))
}
