import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

interface KeptFile {
  readonly path: string
  /** Folder of the service. */
  readonly service: string
  readonly bytes: number
  readonly changedAt: number
}

/**
 * Removes the oldest files below a folder, `ENVIRONMENT/SERVICE/FILE`, until those of each service and all together are
 * within their bounds. Files that are being written to stay: each is bounded by itself.
 */
export async function trimLogs(o: {
  readonly folder: string
  readonly serviceBytes: number
  readonly totalBytes: number
  readonly isOpen: (path: string) => boolean
}): Promise<void> {
  const files = await filesBelow(o.folder)
  const services = Map.groupBy(files, ({ service }) => service)
  const tooMany = new Set([...services.values()].flatMap(own => beyond(own, { ...o, bytes: o.serviceBytes })))
  const left = files.filter(file => !tooMany.has(file))
  for (const file of beyond(left, { ...o, bytes: o.totalBytes })) tooMany.add(file)
  for (const { path } of tooMany) await rm(path, { force: true })
}

function beyond(
  files: readonly KeptFile[],
  o: { readonly bytes: number; readonly isOpen: (path: string) => boolean },
): readonly KeptFile[] {
  let excess = files.reduce((sum, { bytes }) => sum + bytes, 0) - o.bytes
  const removable = files.filter(({ path }) => !o.isOpen(path))
  return removable
    .toSorted((a, b) => a.changedAt - b.changedAt)
    .filter(({ bytes }) => {
      const isWanted = excess > 0
      excess -= bytes
      return isWanted
    })
}

async function filesBelow(folder: string): Promise<readonly KeptFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter(entry => entry.isFile())
  const kept = files.map(async ({ parentPath, name }): Promise<readonly KeptFile[]> => {
    const path = join(parentPath, name)
    // One that was turned over meanwhile counts next time.
    const status = await stat(path).catch(() => undefined)
    if (status === undefined) return []
    return [{ path, service: parentPath, bytes: status.size, changedAt: status.mtimeMs }]
  })
  return (await Promise.all(kept)).flat()
}
