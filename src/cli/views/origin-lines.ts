import type { ExplainedFile, ExplainedOrigin } from '../render/explain-file.ts'
import { oneLine } from '../terminal/printable.ts'
import type { Style } from '../terminal/style.ts'
import { formatTable } from '../terminal/table.ts'
import { shorten } from '../terminal/text-width.ts'

const LONGEST_VALUE = 40
const MOST_SHOWN = 8
/** Where a line comes from that no field changes. */
function unchangedBy({ ecosystem }: ExplainedFile): string {
  const readsFolders = ecosystem === 'docker' || ecosystem === 'github'
  return readsFolders ? 'Sluice’s template, or the service’s folder' : 'fixed text of Sluice’s template'
}

/** One line and the fields that change it; or the whole file, each part with the field that says most about it. */
export function originLines(file: ExplainedFile, style: Style): readonly string[] {
  const environments = new Set(file.origins.flatMap(({ environment }) => environment ?? []))
  const options = { style, several: environments.size > 1 }
  return file.line === undefined ? wholeFile(file, options) : oneOf(file, file.line, options)
}

interface Options {
  readonly style: Style
  /** Values of several environments: each says whose it is. */
  readonly several: boolean
}

function oneOf(file: ExplainedFile, line: number, options: Options): readonly string[] {
  const { path, lines, origins } = file
  const { style } = options
  const title = `${style.strong(`${path}:${line}`)}  ${oneLine(lines[line - 1] ?? '')}`
  if (origins.length === 0) return [title, `  ${unchangedBy(file)}`]
  const rows = origins
    .slice(0, MOST_SHOWN)
    .map(each => [...cells(each, options), linesText(each.lines.length)])
  const more = origins.length - rows.length
  return [
    title,
    ...formatTable(['field', 'value', 'from', '', 'changes'], rows, style).map(text => `  ${text}`),
    ...(more > 0 ? [style.faint(`  … and ${more} that change more lines; --json names them all`)] : []),
  ]
}

function wholeFile(file: ExplainedFile, options: Options): readonly string[] {
  const { path, lines, origins } = file
  const { style } = options
  const best = lines.map((_line, index) => origins.find(origin => origin.lines.includes(index + 1)))
  const rows: string[][] = []
  for (let start = 0; start < lines.length; ) {
    const origin = best[start]
    let end = start + 1
    while (end < lines.length && best[end] === origin) end++
    const range = end === start + 1 ? String(end) : `${start + 1}–${end}`
    rows.push([range, ...(origin === undefined ? [style.faint(unchangedBy(file))] : cells(origin, options))])
    start = end
  }
  return [style.strong(path), ...formatTable(['lines', 'field', 'value', 'from', ''], rows, style)]
}

function cells({ field, environment, text, from, at }: ExplainedOrigin, o: Options): readonly string[] {
  const { style } = o
  const layer = environment === undefined || !o.several || from === 'name' ? from : `${from} (${environment})`
  return [field, shorten(oneLine(text), LONGEST_VALUE), layer, style.faint(at ?? '')]
}

function linesText(count: number): string {
  return count === 1 ? 'this line' : `${count} lines`
}
