import type { Stats } from 'node:fs'
import { lstat, open } from 'node:fs/promises'

/** The name of a failed system call's error such as `ENOENT`, where the error is one. */
export function systemErrorCode(error: unknown): string | undefined {
  const failed = error instanceof Error && 'syscall' in error && 'code' in error
  return failed ? String(error.code) : undefined
}

/** What stands at a path, a link as itself; undefined where nothing does. */
export async function statusOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Makes renames in a folder outlast a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}
