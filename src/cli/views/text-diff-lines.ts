import type { TextDiff } from '../render/text-diff.ts'
import { printable } from '../terminal/printable.ts'
import type { Style } from '../terminal/style.ts'
import { formatTable } from '../terminal/table.ts'

export interface DiffSides {
  /** What stands before the path in the lines that name the two sides, such as `on disk`. */
  readonly before: string
  readonly after: string
}

/** A unified diff, as `git diff` colors it; `patch` takes it where it is plain. */
export function textDiffLines(diff: TextDiff, sides: DiffSides, style: Style): readonly string[] {
  const { path, kind, hunks, tooMany } = diff
  const head = [
    style.strong(`--- ${kind === 'new' ? '/dev/null' : `${sides.before}/${path}`}`),
    style.strong(`+++ ${kind === 'gone' ? '/dev/null' : `${sides.after}/${path}`}`),
  ]
  if (tooMany) return [...head, style.faint('  (too many lines differ to show them)')]
  return [
    ...head,
    ...hunks.flatMap(({ title, lines }) => [
      style.blue(title),
      ...lines.map(line => coloredLine(printable(line), style)),
    ]),
  ]
}

/** One line a file: how many lines come and go. */
export function changeLines(diffs: readonly TextDiff[], style: Style): readonly string[] {
  const rows = diffs.map(({ path, kind, added, removed, tooMany }) => [
    path,
    kind,
    tooMany ? 'most lines' : `${style.good(`+${added}`)} ${style.bad(`-${removed}`)}`,
  ])
  return formatTable(['file', '', 'lines'], rows, style)
}

function coloredLine(line: string, style: Style): string {
  if (line.startsWith('+')) return style.good(line)
  return line.startsWith('-') ? style.bad(line) : line
}
