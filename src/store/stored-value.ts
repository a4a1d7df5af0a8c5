import { canonicalJson } from '../model/digest.ts'

/** A row's `value` column, as `toText` wrote it. */
export interface StoredValue {
  readonly value: string
}

export function toText(value: object): string {
  return canonicalJson(value)
}

/**
 * The stored value with those of the `fields` that it lacks taken from `latest`: everything else about it, and a word
 * once given, stays as it was first kept.
 */
export function amended<T extends object>(stored: T, latest: T, fields: readonly (keyof T)[]): T {
  const added = fields
    .filter(field => stored[field] === undefined && latest[field] !== undefined)
    .map(field => [field, latest[field]] as const)
  return { ...stored, ...Object.fromEntries(added) }
}
