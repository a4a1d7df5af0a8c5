import type { ObjectMap } from '../cluster.ts'
import type { ClusterObject } from '../cluster-object.ts'
import { isAtLeast } from './resource-version.ts'

/** What a list and the watch from there have told. */
export interface ObjectCache {
  /** Undefined before the first list. */
  readonly version: string | undefined
  /** When the request of the list began. */
  readonly listBegan: number
  /** As of now; what comes later is in another map. */
  snapshot(): ObjectMap
  get(name: string): ClusterObject | undefined
  replace(objects: readonly ClusterObject[], o: { readonly version: string; readonly began: number }): void
  put(object: ClusterObject): void
  take(object: ClusterObject): void
  /** A bookmark: everything up to there has been told. */
  advance(version: string): void
  onChange(listener: (object: ClusterObject) => void): () => void
}

export function createObjectCache(): ObjectCache {
  const objects = new Map<string, ClusterObject>()
  const listeners = new Set<(object: ClusterObject) => void>()
  let version: string | undefined
  let listBegan = -Infinity
  let shared: ObjectMap | undefined
  const changed = (object: ClusterObject) => {
    shared = undefined
    for (const listener of listeners) listener(object)
  }
  const advance = (to: string) => {
    if (version === undefined || isAtLeast(to, version)) version = to
  }
  return {
    get version() {
      return version
    },
    get listBegan() {
      return listBegan
    },
    snapshot: () => (shared ??= new Map(objects)),
    get: name => objects.get(name),
    replace(listed, o) {
      const before = new Map(objects)
      objects.clear()
      for (const object of listed) objects.set(object.metadata.name, object)
      // Also where it is an earlier one: a store that was restored has gone back.
      version = o.version
      listBegan = o.began
      for (const object of differing(before, objects)) changed(object)
    },
    put(object) {
      objects.set(object.metadata.name, object)
      advance(object.metadata.resourceVersion)
      changed(object)
    },
    take(object) {
      objects.delete(object.metadata.name)
      advance(object.metadata.resourceVersion)
      changed(object)
    },
    advance,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** What came or changed as it is, and what went as it was. */
function differing(before: ObjectMap, after: ObjectMap): readonly ClusterObject[] {
  const came = [...after.values()].filter(
    ({ metadata }) => before.get(metadata.name)?.metadata.resourceVersion !== metadata.resourceVersion,
  )
  return [...came, ...[...before.values()].filter(({ metadata }) => !after.has(metadata.name))]
}
