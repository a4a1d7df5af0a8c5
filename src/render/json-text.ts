const WIDTH = 80

/** JSON as Prettier and Biome leave it: maps over several lines, short lists of plain values on one. Ends its last line. */
export function jsonText(value: unknown): string {
  return `${written(value, '', 0)}\n`
}

/** `used` is how much of the first line stands before the value. */
function written(value: unknown, indent: string, used: number): string {
  if (Array.isArray(value)) return list(value, indent, used)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const inner = `${indent}  `
  const entries = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([key, each]) => {
      const start = `${inner}${JSON.stringify(key)}: `
      return start + written(each, inner, start.length)
    })
  return entries.length === 0 ? '{}' : `{\n${entries.join(',\n')}\n${indent}}`
}

function list(values: readonly unknown[], indent: string, used: number): string {
  if (values.length === 0) return '[]'
  const inner = `${indent}  `
  const plain = values.every(value => typeof value !== 'object' || value === null)
  const line = plain ? `[${values.map(value => JSON.stringify(value)).join(', ')}]` : ''
  // One more column for the comma that may follow.
  if (plain && used + line.length < WIDTH) return line
  return `[\n${values.map(value => inner + written(value, inner, inner.length)).join(',\n')}\n${indent}]`
}
