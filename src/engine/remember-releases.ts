import type { Release, ReleaseId } from '../model/release.ts'
import type { Store } from './ports.ts'

/** As many as are usually on their way at a time: a release of thousands of services takes megabytes. */
const KEPT = 4

/**
 * The store, which reads the same release once and not for each of its services: a release never changes, and reading
 * it means hashing all of it.
 */
export function rememberReleases(store: Store): Store {
  const known = new Map<ReleaseId, Promise<Release | undefined>>()
  const read = async (id: ReleaseId): Promise<Release | undefined> => {
    const release = await store.release(id)
    if (release === undefined) known.delete(id)
    return release
  }
  return {
    ...store,
    release(id) {
      const reading = known.get(id) ?? read(id)
      known.delete(id)
      known.set(id, reading)
      for (const oldest of known.keys()) {
        if (known.size <= KEPT) break
        known.delete(oldest)
      }
      reading.catch(() => known.delete(id))
      return reading
    },
  }
}
