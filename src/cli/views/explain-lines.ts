import type { ExplainedField, ExplainedValue } from '../../blueprint/explain.ts'
import { oneLine } from '../terminal/printable.ts'
import type { Style } from '../terminal/style.ts'
import { formatTable } from '../terminal/table.ts'
import { shorten, textWidth } from '../terminal/text-width.ts'

const LONGEST_VALUE = 40
const MARGIN = '  '

interface Options {
  readonly environments: readonly string[]
  readonly columns: number
  readonly style: Style
}

/** Environments as columns, below each value where it comes from; a list where the terminal is too narrow for that. */
export function explainLines(fields: readonly ExplainedField[], o: Options): readonly string[] {
  const blocks = fields.map(field => ({ path: field.path, rows: sideBySide(field, o) }))
  const [titles = '', ...cells] = formatTable(
    o.environments,
    blocks.flatMap(({ rows }) => rows),
    o.style,
  )
  if (textWidth(MARGIN) + Math.max(...[titles, ...cells].map(textWidth)) > o.columns) {
    return fields.flatMap(field => [o.style.strong(field.path), ...listed(field, o)])
  }
  let shown = 0
  const block = ({ path, rows }: (typeof blocks)[number]) => {
    const own = cells.slice(shown, (shown += rows.length))
    return [o.style.strong(path), ...own.map(line => MARGIN + line)]
  }
  return [MARGIN + titles, ...blocks.flatMap(block)]
}

function sideBySide({ environments: values }: ExplainedField, { environments, style }: Options): string[][] {
  const row = (text: (value: ExplainedValue | undefined) => string) =>
    environments.map(name => text(values[name]))
  const places = row(value => value?.at ?? '')
  const origins = [row(value => value?.from ?? ''), ...(places.every(place => place === '') ? [] : [places])]
  return [row(valueText), ...origins.map(cells => cells.map(cell => style.faint(cell)))]
}

function listed(
  { environments: values }: ExplainedField,
  { environments, style }: Options,
): readonly string[] {
  const rows = environments.map(name => {
    const value = values[name]
    return [`${MARGIN}${name}`, valueText(value), style.faint(`${value?.from ?? ''} ${value?.at ?? ''}`)]
  })
  return formatTable(['', '', ''], rows, style).slice(1)
}

function valueText(value: ExplainedValue | undefined): string {
  return value === undefined ? '–' : shorten(oneLine(value.text), LONGEST_VALUE)
}
