import { valueAt } from './plain-data.ts'
import {
  type About,
  aboutOf,
  alternatives,
  entryOf,
  idOf,
  isOptional,
  kindOf,
  type Schema,
  shapesOf,
} from './schema-walk.ts'
import { inFlow } from './shown.ts'
import { formatDuration } from './units.ts'

/** What one section of the reference lists. */
export interface FieldTable {
  readonly schema: Schema
  /** Where defaults are looked up; the first that has one wins. */
  readonly defaults: readonly object[]
  readonly tiers?: Readonly<Record<string, object>>
  /** Fields that are told elsewhere. */
  readonly skip: readonly string[]
}

/** One entry a field, those of inner maps included, each with its whole path. */
export function fieldRows(table: FieldTable): string[] {
  return rowsOf(table.schema, [], table)
}

function rowsOf(schema: Schema, path: readonly string[], table: FieldTable): string[] {
  const fields = new Map(shapesOf(schema).flatMap(shape => Object.entries(shape)))
  return [...fields].flatMap(([key, field]) => {
    if (path.length === 0 && table.skip.includes(key)) return []
    const inner = [...path, key]
    return [row(field, inner, table), ...rowsOf(field, inner, table), ...entryRows(field, inner, table)]
  })
}

/** Fields of a map's or list's entries; an entry with a name of its own has its own section. */
function entryRows(schema: Schema, path: readonly string[], table: FieldTable): string[] {
  return alternatives(schema).flatMap(each => {
    const entry = entryOf(each)
    if (entry === undefined || idOf(entry.schema) !== undefined) return []
    return rowsOf(entry.schema, [...path, entry.in === 'list' ? '[]' : '<name>'], table)
  })
}

function row(schema: Schema, path: readonly string[], table: FieldTable): string {
  const about = aboutOf(schema)
  const name = path.map((step, index) => (index === 0 || step === '[]' ? step : `.${step}`)).join('')
  const standard =
    about.default === undefined ? tableDefault(path, about, table) : inCode(about.default, about)
  const kind = `${kindOf(schema).replaceAll(/ \((?:[^()]|\([^()]*\))*\)/g, '')}${isOptional(schema) ? '' : ', required'}`
  const head = `- **\`${name}\`** (${kind})${standard === undefined ? '' : `, default ${standard}`}`
  const examples = (about.examples ?? []).map(example => `\`${inFlow(example)}\``)
  const example = examples.length === 0 ? '' : ` Example: ${examples.join(', ')}.`
  return `${head}<br>${about.description ?? ''}${example}`
}

function tableDefault(path: readonly string[], about: About, table: FieldTable): string | undefined {
  const byTier = Object.entries(table.tiers ?? {}).map(
    ([tier, values]) => [tier, valueAt(values, path)] as const,
  )
  if (byTier.some(([, value]) => isShown(value))) {
    return byTier.map(([tier, value]) => `${inCode(value, about)} in ${tier}`).join(', ')
  }
  const value = table.defaults.map(defaults => valueAt(defaults, path)).find(isShown)
  return value === undefined ? undefined : inCode(value, about)
}

/** Maps are told by their fields; empty ones are nothing. */
function isShown(value: unknown): boolean {
  if (value === undefined) return false
  return Array.isArray(value) ? value.length > 0 : typeof value !== 'object'
}

function inCode(value: unknown, about: About): string {
  if (value === undefined) return 'none'
  if (typeof value === 'number' && about.title?.startsWith('a duration'))
    return `\`${formatDuration(value)}\``
  return typeof value === 'object' && !Array.isArray(value) ? 'on' : `\`${inFlow(value)}\``
}
