import { type Path, parsePath } from './path.ts'
import { isRecord } from './plain-data.ts'

/** Where a value came from; the later wins. */
export type LayerName = 'default' | 'tier default' | 'project' | 'service' | 'environment' | 'override'

export interface Layer {
  readonly name: LayerName
  readonly value: Readonly<Record<string, unknown>>
  /** Where the layer is written; undefined for defaults. */
  readonly base?: Path
}

export interface Origin {
  readonly from: LayerName
  /** The field in the file; undefined for defaults. */
  readonly at?: Path
}

/** Where fields came from, by their path as text. */
export interface Origins {
  /** Undefined for a field that no layer has: it follows from others. */
  readonly get: (field: string) => Origin | undefined
}

export interface Layered {
  readonly value: Readonly<Record<string, unknown>>
  readonly origins: Origins
}

/**
 * Lays one layer over the other: maps merge key by key, null takes a key away, everything else replaces what is below.
 * An object with a `kind` is one value and is replaced as a whole, and so is a list.
 */
export function mergeLayers(layers: readonly Layer[]): Layered {
  const value = layers.reduce<Readonly<Record<string, unknown>>>(
    (lower, layer) => overlay(lower, layer.value),
    {},
  )
  // Looked up when it is asked for: most fields of most services are never explained.
  return { value, origins: { get: field => originAt(layers, parsePath(field) ?? []) } }
}

function overlay(
  lower: Readonly<Record<string, unknown>>,
  upper: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const merged = { ...lower }
  for (const key of Object.keys(upper)) {
    const value = upper[key]
    if (value === undefined) continue
    if (value === null) delete merged[key]
    else if (isMap(value)) {
      const below = Object.hasOwn(merged, key) ? merged[key] : undefined
      merged[key] = isMap(below) ? overlay(below, value) : withoutRemovals(value)
    } else merged[key] = value
  }
  return merged
}

/** The map itself where it takes nothing away, which is nearly always: thousands of services share what they have in common. */
function withoutRemovals(map: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const isPlain = Object.keys(map).every(key => {
    const value = map[key]
    return value !== null && value !== undefined && (!isMap(value) || withoutRemovals(value) === value)
  })
  return isPlain ? map : overlay({}, map)
}

function originAt(layers: readonly Layer[], path: Path): Origin | undefined {
  for (const layer of layers.toReversed()) {
    const found = reach(layer.value, path)
    if (found === 'covers') return undefined
    if (found === 'has') {
      return layer.base === undefined
        ? { from: layer.name }
        : { from: layer.name, at: [...layer.base, ...path] }
    }
  }
  return undefined
}

/** Whether a layer has the path, says nothing of it, or has a single value where the path goes on. */
function reach(value: unknown, path: Path): 'has' | 'silent' | 'covers' {
  let inner = value
  for (const step of path) {
    if (!isMap(inner)) return 'covers'
    if (!Object.hasOwn(inner, step) || inner[step] === undefined) return 'silent'
    inner = inner[step]
  }
  return inner === null ? 'covers' : 'has'
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && !('kind' in value)
}
