import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DATABASE_PATH, type Manifest } from './manifest.ts'
import { readBackup } from './read-backup.ts'
import { verifyStoreFile } from './store-file.ts'

/** Reads a backup as a restore would, every digest and the whole audit log, and keeps nothing of it. */
export async function checkBackup(o: {
  readonly file: string
  readonly signal: AbortSignal
  readonly tell: (what: string) => void
}): Promise<Manifest> {
  const work = join(dirname(o.file), `.sluice-check-${randomUUID()}`)
  await mkdir(work, { mode: 0o700 })
  try {
    const database = join(work, DATABASE_PATH)
    const manifest = await readBackup({
      file: o.file,
      placeOf: ({ path }) => (path === DATABASE_PATH ? database : undefined),
      tell: (bytes, ofBytes) => o.tell(`${Math.floor((100 * bytes) / Math.max(1, ofBytes))} % checked`),
      signal: o.signal,
    })
    o.tell('verifying the audit log')
    await verifyStoreFile(database)
    return manifest
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
