import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes sure that the file exists and only this user can read it. An existing one is not opened: closing it again would
 * drop the locks that SQLite holds on it in this process (POSIX locks end with the first close).
 */
export function createPrivateFile(file: string): void {
  const folder = dirname(file)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(file, 'wx', 0o600))
    syncFolderOf(file)
  } catch (error) {
    if (!isAlreadyThere(error)) throw error
    chmodSync(file, 0o600)
  }
}

/** A new file's name is not durable before its folder is. */
export function syncFolderOf(file: string): void {
  const descriptor = openSync(dirname(file), 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function isAlreadyThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
