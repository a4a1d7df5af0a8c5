import type { ClusterObject } from '../cluster-object.ts'
import type { ObjectCache } from './object-cache.ts'
import { isAtLeast } from './resource-version.ts'

/** What this process wrote, until the watch has told of it. */
export interface OwnWrites {
  wrote(object: ClusterObject): void
  /** The API server has taken it away. */
  removed(name: string, uid: string): void
  /** Whether all that was written until now has come into the cache; undefined where there is nothing to wait for. */
  pending(): (() => boolean) | undefined
}

interface Written {
  readonly version: string
  readonly at: number
}

interface Gone {
  readonly name: string
  readonly uid: string
  readonly at: number
}

export function createOwnWrites(cache: ObjectCache, now: () => number): OwnWrites {
  let last: Written | undefined
  let gone: readonly Gone[] = []
  const isTold = ({ version, at }: Written) =>
    cache.listBegan >= at || (cache.version !== undefined && isAtLeast(cache.version, version))
  const isGone = ({ name, uid, at }: Gone) => {
    const { metadata } = cache.get(name) ?? {}
    return cache.listBegan >= at || metadata?.uid !== uid || metadata.deletionTimestamp !== undefined
  }
  return {
    wrote({ metadata: { resourceVersion } }) {
      if (last !== undefined && isAtLeast(last.version, resourceVersion)) return
      last = { version: resourceVersion, at: now() }
    },
    removed(name, uid) {
      gone = [...gone, { name, uid, at: now() }]
    },
    pending() {
      if (last !== undefined && isTold(last)) last = undefined
      // What is not told yet may have made what is gone by now.
      if (last === undefined) gone = gone.filter(one => !isGone(one))
      if (last === undefined && gone.length === 0) return undefined
      // What is written later is for later calls to wait for.
      const [written, removed] = [last, gone]
      return () => (written === undefined || isTold(written)) && removed.every(isGone)
    },
  }
}
