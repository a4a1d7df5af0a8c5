import type { Style } from './style.ts'
import { padEnd, textWidth } from './text-width.ts'

/** Lines of a table: columns two spaces apart, titles faint, nothing after the last column. Cells may hold colors. */
export function formatTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  style: Style,
): readonly string[] {
  const widths = titles.map((title, column) =>
    Math.max(textWidth(title), ...rows.map(row => textWidth(row[column] ?? ''))),
  )
  const line = (cells: readonly string[]) =>
    widths
      .map((width, column) => padEnd(cells[column] ?? '', width))
      .join('  ')
      .trimEnd()
  return [line(titles.map(title => style.faint(title))), ...rows.map(line)]
}

/** `name  value` lines, names faint and as wide as the widest. */
export function formatFacts(
  facts: readonly (readonly [string, string | undefined])[],
  style: Style,
): readonly string[] {
  const width = Math.max(0, ...facts.map(([name]) => name.length))
  return facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`${padEnd(style.faint(name), width)}  ${value}`],
  )
}

/** Every line of a text moved to the right, so that text of others can't pass for a line of ours. */
export function indent(text: string, columns: number): readonly string[] {
  return text.split('\n').map(line => `${' '.repeat(columns)}${line}`.trimEnd())
}
