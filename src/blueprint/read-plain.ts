import type { Path } from './path.ts'
import { isRecord } from './plain-data.ts'
import type { TextProblem } from './problem.ts'

const MAX_NESTING = 32
const REFUSED_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

/** What keeps a value made by a program from being plain data, as a file would hold it. */
export function plainProblems(value: unknown, path: Path = []): TextProblem[] {
  const remedy = 'give plain data: maps, lists, text, numbers, booleans'
  if (path.length > MAX_NESTING)
    return [{ path, what: `is nested deeper than ${MAX_NESTING} levels`, remedy }]
  if (value === null || ['string', 'boolean', 'undefined'].includes(typeof value)) return []
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [{ path, what: `is ${value}`, remedy }]
  if (Array.isArray(value)) return value.flatMap((item, index) => plainProblems(item, [...path, index]))
  const prototype: unknown = isRecord(value) ? Object.getPrototypeOf(value) : undefined
  if (!isRecord(value) || (prototype !== Object.prototype && prototype !== null)) {
    return [{ path, what: 'is no plain data', remedy }]
  }
  return Object.entries(value).flatMap(([key, inner]) =>
    REFUSED_KEYS.has(key)
      ? [{ path: [...path, key], what: `the key ${key} is refused`, remedy: 'choose another name' }]
      : plainProblems(inner, [...path, key]),
  )
}
