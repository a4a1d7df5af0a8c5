/** A value of a `.tfvars` file. Keys of a map stay in the order they are given in; undefined ones are left out. */
export type HclValue = null | boolean | number | string | readonly HclValue[] | HclMap

export interface HclMap {
  readonly [key: string]: HclValue | undefined
}

/** One line or several of the file, and what is said above it. */
export interface HclAttribute {
  readonly name: string
  readonly value: HclValue
  readonly comment?: string
}

const WIDTH = 100

/** Whole text of a `.tfvars` file as `terraform fmt` leaves it; an empty line around what takes several lines. */
export function hclText(attributes: readonly HclAttribute[]): string {
  const blocks: Line[][] = []
  let apart = true
  for (const { name, value, comment } of attributes) {
    const line = lineOf(name, value, '')
    if (apart || comment !== undefined || line.long) blocks.push([])
    if (comment !== undefined) blocks.at(-1)?.push({ key: `# ${comment}`, long: true })
    blocks.at(-1)?.push(line)
    apart = line.long
  }
  return `${blocks.map(block => aligned(block).join('\n')).join('\n\n')}\n`
}

/** The value alone, as it stands behind an equals sign. */
export function hclValue(value: HclValue, indent = ''): string {
  if (typeof value === 'string') return quoted(value)
  if (value === null || typeof value !== 'object') return String(value)
  return isList(value) ? list(value, indent) : map(value, indent)
}

interface Line {
  readonly key: string
  /** Undefined for a comment. */
  readonly value?: string
  /** Over several lines: nothing is aligned with it. */
  readonly long: boolean
}

function lineOf(key: string, value: HclValue, indent: string): Line {
  const text = hclValue(value, indent)
  return { key, value: text, long: text.includes('\n') }
}

/** Neighbours of one line each have their equals signs under each other. */
function aligned(lines: readonly Line[]): string[] {
  return lines.map((line, index) => {
    if (line.value === undefined) return line.key
    const width = line.long ? 0 : widthAround(lines, index)
    return `${line.key.padEnd(width)} = ${line.value}`
  })
}

function widthAround(lines: readonly Line[], index: number): number {
  const first = lines.findLastIndex((line, at) => at < index && line.long) + 1
  const next = lines.findIndex((line, at) => at > index && line.long)
  const run = lines.slice(first, next < 0 ? undefined : next)
  return Math.max(...run.map(({ key }) => key.length))
}

function map(value: HclMap, indent: string): string {
  const inner = `${indent}  `
  const lines = Object.entries(value).flatMap(([key, each]) =>
    each === undefined ? [] : [lineOf(keyOf(key), each, inner)],
  )
  return lines.length === 0
    ? '{}'
    : `{\n${aligned(lines)
        .map(line => inner + line)
        .join('\n')}\n${indent}}`
}

function list(values: readonly HclValue[], indent: string): string {
  const plain = values.every(value => value === null || typeof value !== 'object')
  const line = `[${values.map(value => hclValue(value)).join(', ')}]`
  if (values.length === 0 || (plain && indent.length + line.length < WIDTH)) return line
  const inner = `${indent}  `
  return `[\n${values.map(value => `${inner}${hclValue(value, inner)},\n`).join('')}${indent}]`
}

/** `Array.isArray` does not know lists that may not be changed. */
function isList(value: readonly HclValue[] | HclMap): value is readonly HclValue[] {
  return Array.isArray(value)
}

/** A word stands as it is; the rest in quotes, and in ASCII, so that its width is its length. */
function keyOf(key: string): string {
  return /^[A-Za-z_][\w-]*$/.test(key) && !/^(?:null|true|false|for)$/.test(key)
    ? key
    : quoted(key).replaceAll(/[^\0-\x7f]/gu, unicodeEscape)
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
}

/** A template without anything to fill in: what would begin an interpolation is doubled. */
function quoted(text: string): string {
  const escaped = text
    .toWellFormed()
    .replaceAll(/["\\\p{Cc}\p{Cf}\u2028\u2029]/gu, sign => ESCAPES[sign] ?? unicodeEscape(sign))
    .replaceAll(/[$%](?=\{)/g, '$&$&')
  return `"${escaped}"`
}

function unicodeEscape(sign: string): string {
  const hex = (sign.codePointAt(0) ?? 0).toString(16)
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
