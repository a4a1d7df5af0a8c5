import { fitsLiteral, yamlScalar } from './yaml-scalar.ts'

const STEP = '  '

/**
 * Plain data as block YAML as Prettier leaves it, its last line ended; what is undefined in a map is left out. Much faster
 * than a general library, because it knows neither anchors nor tags, comments or styles.
 */
export function yamlText(value: unknown): string {
  return item(value, '')
}

/** One file of several documents; `header`, of one line or several, becomes the comment that it begins with. */
export function yamlDocuments(header: string, values: readonly unknown[]): string {
  let text = `# ${header.replaceAll('\n', '\n# ')}\n`
  let separator = ''
  for (const value of values) {
    text += separator + item(value, '')
    separator = '---\n'
  }
  return text
}

/** From the place where the value begins; `indent` is what stands before its further lines. */
function item(value: unknown, indent: string): string {
  // A literal block stands deeper than what it belongs to, and nothing stands less deep than a document.
  if (typeof value === 'string') return text(value, indent === '' ? STEP : indent)
  if (Array.isArray(value)) return value.length === 0 ? '[]\n' : list(value, indent)
  return isMap(value) ? map(value, indent) : `${atom(value)}\n`
}

/** From the colon after a key, which stands behind `indent`. */
function entry(value: unknown, indent: string): string {
  if (typeof value === 'string') return ` ${text(value, indent + STEP)}`
  const inner = indent + STEP
  if (Array.isArray(value)) return value.length === 0 ? ' []\n' : `\n${inner}${list(value, inner)}`
  if (!isMap(value)) return ` ${atom(value)}\n`
  const entries = map(value, inner)
  return entries === EMPTY_MAP ? ` ${entries}` : `\n${inner}${entries}`
}

type PlainMap = Readonly<Record<string, unknown>>

const EMPTY_MAP = '{}\n'

function isMap(value: unknown): value is PlainMap {
  return typeof value === 'object' && value !== null
}

function map(value: PlainMap, indent: string): string {
  let out = ''
  let before = ''
  // Not Object.entries, whose list of pairs for every map is a third of the time.
  for (const key in value) {
    const each = value[key]
    if (each === undefined) continue
    out += `${before}${yamlScalar(key)}:${entry(each, indent)}`
    before = indent
  }
  return out === '' ? EMPTY_MAP : out
}

function list(values: readonly unknown[], indent: string): string {
  const inner = indent + STEP
  let out = ''
  let before = ''
  for (const each of values) {
    out += `${before}- ${item(each, inner)}`
    before = indent
  }
  return out
}

function text(value: string, indent: string): string {
  if (!fitsLiteral(value)) return `${yamlScalar(value)}\n`
  const ended = value.endsWith('\n')
  const lines = ended ? value : `${value}\n`
  return `${ended ? '|' : '|-'}\n${lines.replaceAll(/^(?=.)/gm, indent)}`
}

function atom(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (value === undefined) return 'null'
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new Error(`a ${typeof value} like this has no YAML`)
  const digits = String(value)
  // YAML 1.1 reads 1e+21 as text: its numbers with an exponent have a point.
  return digits.includes('e') ? digits.replace(/^(-?\d+)e/, '$1.0e') : digits
}
