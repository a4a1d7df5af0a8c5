import type { Path } from '../../blueprint/path.ts'
import { isRecord, valueAt } from '../../blueprint/plain-data.ts'
import { blueprintSchema } from '../../blueprint/schema/blueprint-schema.ts'
import { alternatives, choicesAt, entryOf, schemasAt } from '../../blueprint/schema-walk.ts'

/** Stands for no value: an entry of a map or a list that is taken away. */
const REMOVED = Symbol('removed')

/** One value of some settings, and what might stand there instead. */
export interface Value {
  /** Within the object that was looked at. */
  readonly path: Path
  readonly field: Path
  readonly others: readonly unknown[]
  readonly eachCounts: boolean
}

/** `parts` are what a part has that is off, once it is on. */
export interface Within {
  readonly parts: Readonly<Record<string, unknown>>
  readonly field: Path
}

/** Every plain value, and every entry that could be missing. */
export function valuesIn(value: unknown, { parts, field }: Within): readonly Value[] {
  const found: Value[] = []
  const visit = (inner: unknown, path: Path) => {
    const at = { path, field: [...field, ...path] }
    const own = { path, field: [...field, ...writtenAs(value, path)] }
    if (typeof inner === 'object' && inner !== null) {
      if (path.length > 0) found.push({ ...own, others: absences(value, { ...at, parts }), eachCounts: true })
      const steps = Array.isArray(inner) ? inner.keys() : Object.keys(inner)
      for (const step of steps) visit(Reflect.get(inner, step), [...path, step])
      return
    }
    const part = path.length === 1 && inner === false ? parts[String(path[0])] : undefined
    if (part !== undefined) found.push({ ...own, others: [part], eachCounts: true })
    else {
      found.push({ ...own, ...otherValues(inner, at.field) })
      if (isEntry(value, at)) found.push({ ...own, others: [REMOVED], eachCounts: true })
    }
  }
  visit(value, [])
  return found.filter(({ others }) => others.length > 0)
}

/** A list is one value of the blueprint, and so is what says of itself which `kind` it is. */
function writtenAs(value: unknown, path: Path): Path {
  const end = path.findIndex((_step, index) => {
    const around = valueAt(value, path.slice(0, index))
    return Array.isArray(around) || (isRecord(around) && Object.hasOwn(around, 'kind'))
  })
  return end === -1 ? path : path.slice(0, end)
}

/** A part is switched off; of a free map or a list only the entries can go. */
function absences(
  value: unknown,
  { path, field, parts }: Within & { readonly path: Path },
): readonly unknown[] {
  if (path.length === 1 && Object.hasOwn(parts, path[0] ?? '')) return [false]
  return isEntry(value, { path, field }) ? [REMOVED] : []
}

function isEntry(value: unknown, { path, field }: { readonly path: Path; readonly field: Path }): boolean {
  if (Array.isArray(valueAt(value, path.slice(0, -1)))) return true
  const around = schemasAt(blueprintSchema, field.slice(0, -1)).flatMap(alternatives)
  return path.length > 1 && around.some(schema => entryOf(schema)?.in === 'map')
}

/** Other values that the field might have had, the likeliest to be valid first; none where nobody can tell. */
function otherValues(value: unknown, field: Path): Pick<Value, 'others' | 'eachCounts'> {
  if (typeof value === 'boolean') return { others: [!value], eachCounts: true }
  if (typeof value !== 'number' && typeof value !== 'string') return { others: [], eachCounts: false }
  const choices = choicesAt(blueprintSchema, field).filter(choice => typeof choice === typeof value)
  if (choices.includes(value)) return { others: choices.filter(choice => choice !== value), eachCounts: true }
  const others = typeof value === 'number' ? [value + 1, value - 1, value * 2] : otherTexts(value)
  return { others, eachCounts: false }
}

/** A digit or a letter more or less is a text of the same kind more often than not. */
export function otherTexts(text: string): readonly string[] {
  const raised = text.replace(/\d(?=\D*$)/, digit => String((Number(digit) + 1) % 10))
  return raised === text ? [`${text}x`] : [raised, `${text}x`]
}

/** A copy with another value at the path; everything beside the path is shared with the original. */
export function withValueAt<T>(value: T, path: Path, changed: unknown): T
export function withValueAt(value: unknown, path: Path, changed: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return changed
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value
    if (rest.length === 0 && changed === REMOVED) return items.filter((_item, index) => index !== step)
    return items.map((item, index) => (index === step ? withValueAt(item, rest, changed) : item))
  }
  if (!isRecord(value) || !Object.hasOwn(value, step)) return value
  const { [step]: inner, ...others } = value
  if (rest.length === 0 && changed === REMOVED) return others
  return { ...value, [step]: withValueAt(inner, rest, changed) }
}
