import { formatPath, type Path } from './path.ts'
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

export interface Layered {
  readonly value: Readonly<Record<string, unknown>>
  /** By the path of each field as text. */
  readonly origins: ReadonlyMap<string, Origin>
}

/**
 * Lays one layer over the other: maps merge key by key, null takes a key away, everything else replaces what is below.
 * An object with a `kind` is one value and is replaced as a whole, and so is a list.
 */
export function mergeLayers(layers: readonly Layer[]): Layered {
  const origins = new Map<string, Origin>()
  const entries = layers.map(layer => ({ layer, value: layer.value }))
  return { value: mergeMaps(entries, [], origins), origins }
}

interface Entry<Value> {
  readonly layer: Layer
  readonly value: Value
}

type PlainMap = Readonly<Record<string, unknown>>

function mergeMaps(
  entries: readonly Entry<PlainMap>[],
  path: Path,
  origins: Map<string, Origin>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = {}
  const keys = new Set(entries.flatMap(entry => Object.keys(entry.value)))
  for (const key of keys) {
    const values = entries
      .map(({ layer, value }) => ({ layer, value: Object.hasOwn(value, key) ? value[key] : undefined }))
      .filter(entry => entry.value !== undefined)
    const value = mergeValues(values, [...path, key], origins)
    if (value !== null && value !== undefined) merged[key] = value
  }
  return merged
}

function mergeValues(entries: readonly Entry<unknown>[], path: Path, origins: Map<string, Origin>): unknown {
  const last = entries.at(-1)
  if (last === undefined) return undefined
  // Only maps above everything else merge: what is below a single value is covered by it.
  const bottom = entries.findLastIndex(entry => !isMap(entry.value)) + 1
  const maps = entries.slice(bottom).filter(isMapEntry)
  if (maps.every(entry => Object.keys(entry.value).length === 0)) {
    origins.set(formatPath(path), originOf(last.layer, path))
  }
  return maps.length === 0 ? last.value : mergeMaps(maps, path, origins)
}

function isMapEntry(entry: Entry<unknown>): entry is Entry<PlainMap> {
  return isMap(entry.value)
}

function originOf(layer: Layer, path: Path): Origin {
  return layer.base === undefined ? { from: layer.name } : { from: layer.name, at: [...layer.base, ...path] }
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && !('kind' in value)
}
