import { structuredPatch } from 'diff'

/** One file before and after; undefined where there is none. */
export interface TextChange {
  readonly path: string
  readonly before?: string
  readonly after?: string
}

/** How a file changes, as `diff -u` tells it. */
export interface TextDiff {
  readonly path: string
  readonly kind: 'changed' | 'new' | 'gone'
  readonly added: number
  readonly removed: number
  readonly hunks: readonly Hunk[]
  /** More lines differ than are compared one by one: there are no hunks. */
  readonly tooMany: boolean
}

export interface Hunk {
  /** `@@ -1,3 +1,4 @@` */
  readonly title: string
  /** Of the text before, counted from 1. */
  readonly firstLine: number
  /** Each begins with a blank, + or -. */
  readonly lines: readonly string[]
}

/** Comparing takes time with the square of this; nobody reads so long a diff. */
const MOST_CHANGED_LINES = 4000

/** Compares line by line; where a file is new or gone there is nothing to compare. */
export function diffText({ path, before, after }: TextChange): TextDiff {
  if (before === undefined) return { path, kind: 'new', ...wholeFile(after ?? '', '+') }
  if (after === undefined) return { path, kind: 'gone', ...wholeFile(before, '-') }
  const options = { context: 3, maxEditLength: MOST_CHANGED_LINES }
  const patch = structuredPatch('', '', before, after, undefined, undefined, options)
  const hunks = (patch?.hunks ?? []).map(hunk => ({
    title: `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`,
    firstLine:
      hunk.oldStart +
      Math.max(
        0,
        hunk.lines.findIndex(line => !line.startsWith(' ')),
      ),
    lines: hunk.lines,
  }))
  return { path, kind: 'changed', ...countsOf(hunks), hunks, tooMany: patch === undefined }
}

function wholeFile(text: string, sign: '+' | '-'): Omit<TextDiff, 'path' | 'kind'> {
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
  const range = `1,${lines.length}`
  const title = sign === '+' ? `@@ -0,0 +${range} @@` : `@@ -${range} +0,0 @@`
  const hunks = text === '' ? [] : [{ title, firstLine: 1, lines: lines.map(line => sign + line) }]
  return { ...countsOf(hunks), hunks, tooMany: false }
}

function countsOf(hunks: readonly Hunk[]): Pick<TextDiff, 'added' | 'removed'> {
  const count = (sign: string) =>
    hunks.reduce((sum, { lines }) => sum + lines.filter(line => line.startsWith(sign)).length, 0)
  return { added: count('+'), removed: count('-') }
}
