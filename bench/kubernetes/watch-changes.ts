import { eventually } from '../../test/harness/eventually.ts'
import type { ApiObject, ApiServer } from './api-server.ts'

export interface Changes {
  /** When the last of them changed (milliseconds since the epoch); fails when that takes longer than `seconds`. */
  all(seconds: number): Promise<number>
}

export interface Watched {
  /** Of the API server. */
  readonly path: string
  /** The objects that count. */
  readonly names: readonly string[]
  /** Where the object has come to; undefined while it is on its way. */
  placeOf(object: ApiObject): string | undefined
}

/** Watches, from now on, when each of the objects comes to another place than it is at now. */
export async function watchChanges(api: ApiServer, { path, names, placeOf }: Watched): Promise<Changes> {
  const before = new Map((await api.list(path)).map(object => [object.metadata.name, placeOf(object)]))
  const waiting = new Set(names)
  let changedAt = 0
  const stop = await api.follow(path, object => {
    const place = placeOf(object)
    const { name } = object.metadata
    if (place === undefined || place === before.get(name) || !waiting.delete(name)) return
    changedAt = Date.now()
  })
  return {
    async all(seconds) {
      try {
        await eventually(`${path}: all changed`, () => waiting.size === 0, seconds)
      } catch (error) {
        throw new Error(`not changed: ${[...waiting].slice(0, 5).join(', ')}`, { cause: error })
      } finally {
        stop()
      }
      return changedAt
    },
  }
}
