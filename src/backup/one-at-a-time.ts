import type { Readable } from 'node:stream'
import type { Manifest } from './manifest.ts'
import type { Backup } from './write-backup.ts'

export interface TakenOnce {
  readonly audit: Manifest['audit']
  /** Of all files in it. */
  readonly bytes: number
  readonly content: Readable
}

/** Takes no backup while another one is taken or read: each one needs the room of the whole store meanwhile. */
export function oneAtATime<Wanted>(
  take: (wanted: Wanted) => Promise<Backup>,
): (wanted: Wanted) => Promise<TakenOnce | 'busy'> {
  let isBusy = false
  const free = (): void => {
    isBusy = false
  }
  return async wanted => {
    if (isBusy) return 'busy'
    isBusy = true
    try {
      const { manifest, content } = await take(wanted)
      content.once('close', free)
      const bytes = manifest.entries.reduce((sum, entry) => sum + entry.bytes, 0)
      return { audit: manifest.audit, bytes, content }
    } catch (error) {
      free()
      throw error
    }
  }
}
