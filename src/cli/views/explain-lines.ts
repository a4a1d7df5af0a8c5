import type { ExplainedField, ExplainedValue } from '../../blueprint/explain.ts'
import { oneLine } from '../terminal/printable.ts'
import type { Style } from '../terminal/style.ts'
import { formatTable } from '../terminal/table.ts'
import { shorten, textWidth } from '../terminal/text-width.ts'

const LONGEST_VALUE = 40

/** Fields as rows and environments as columns; one below the other where the terminal is too narrow for that. */
export function explainLines(
  fields: readonly ExplainedField[],
  o: { readonly environments: readonly string[]; readonly columns: number; readonly style: Style },
): readonly string[] {
  const { environments, columns, style } = o
  const rows = fields.flatMap(field => {
    const values = environments.map(name => field.environments[name])
    return [
      [field.path, ...values.map(valueText)],
      ['', ...values.map(value => style.faint(originText(value)))],
    ]
  })
  const table = formatTable(['field', ...environments], rows, style)
  if (Math.max(...table.map(textWidth)) <= columns) return table
  return fields.flatMap(field => [style.strong(field.path), ...listed(field, o)])
}

function listed(
  { environments: values }: ExplainedField,
  { environments, style }: { readonly environments: readonly string[]; readonly style: Style },
): readonly string[] {
  const texts = environments.map(name => `${valueText(values[name])} ${originText(values[name])}`)
  const [first] = environments
  if (first !== undefined && new Set(texts).size === 1 && environments.length > 1) {
    return [`  everywhere  ${valueText(values[first])}  ${style.faint(originText(values[first]))}`]
  }
  const rows = environments.map(name => [
    `  ${name}`,
    valueText(values[name]),
    style.faint(originText(values[name])),
  ])
  return formatTable(['', '', ''], rows, style).slice(1)
}

function valueText(value: ExplainedValue | undefined): string {
  return value === undefined ? '–' : shorten(oneLine(value.text), LONGEST_VALUE)
}

function originText(value: ExplainedValue | undefined): string {
  if (value === undefined) return ''
  return value.at === undefined ? value.from : `${value.from} ${value.at}`
}
