const INSTANTS = /^(?:at|since|until|from|dueAt|\w+At)$/
/** The year 2001 in milliseconds: smaller numbers are no points in time. */
const EARLIEST = 1_000_000_000_000

/** The same data with every point in time as ISO 8601, for programs and people who read JSON. */
export function withIsoDates(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withIsoDates)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).map(([key, inner]) => [key, isoDate(key, inner)] as const)
  return Object.fromEntries(entries)
}

function isoDate(key: string, value: unknown): unknown {
  if (typeof value === 'number' && value >= EARLIEST && INSTANTS.test(key))
    return new Date(value).toISOString()
  return withIsoDates(value)
}
