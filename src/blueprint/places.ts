import { formatPath, type Path } from './path.ts'

/** Line and column, counted from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Where each value of a file is written, by its path as text. */
export type Places = ReadonlyMap<string, Place>

/** The place of the value, or of the nearest thing around it that is written at all. */
export function placeOf(places: Places, path: Path): Place {
  for (let length = path.length; length > 0; length--) {
    const place = places.get(formatPath(path.slice(0, length)))
    if (place !== undefined) return place
  }
  return { line: 1, column: 1 }
}
