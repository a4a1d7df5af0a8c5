import { isDeepStrictEqual } from 'node:util'

/**
 * What turns one value into another (RFC 7396, JSON Merge Patch): lists are replaced as a whole, and a field that should
 * not be there is null. Undefined where nothing is to be done.
 */
export function mergePatch(from: unknown, to: unknown): unknown {
  if (isDeepStrictEqual(from, to)) return undefined
  if (to === undefined) return null
  if (!isMap(from) || !isMap(to)) return to
  const keys = new Set([...Object.keys(from), ...Object.keys(to)])
  const changes = [...keys].flatMap(key => {
    const change = mergePatch(from[key], to[key])
    return change === undefined ? [] : [[key, change] as const]
  })
  return Object.fromEntries(changes)
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
