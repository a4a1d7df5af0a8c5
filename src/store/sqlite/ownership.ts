import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { DatabaseSync } from 'node:sqlite'
import { UserError } from '../../model/user-error.ts'
import { createPrivateFile } from './private-file.ts'

/** Long enough for two that start at once to settle who is first. */
const WAIT_MILLISECONDS = 500

/**
 * Makes this process the only one that works with the database; returns how to stop that. The right is a lock of the
 * operating system on a second file, which ends with the process, however that ends.
 */
export function takeOwnership(file: string): () => void {
  const path = `${file}.lock`
  createPrivateFile(path)
  const held = new DatabaseSync(path, { timeout: WAIT_MILLISECONDS })
  try {
    // Nothing is ever written to it, so it needs no journal file.
    held.exec('pragma journal_mode = memory')
    held.exec('begin exclusive')
  } catch (error) {
    held.close()
    throw error
  }
  return () => held.close()
}

/** Says for others who works with the database; returns how to take that back. It gives no right by itself. */
export function signAsOwner(file: string): () => void {
  const text = `process ${process.pid} on ${hostname()}`
  whereTheDiskAllows(() => writeFileSync(ownerFile(file), text, { mode: 0o600 }))
  return () => whereTheDiskAllows(() => rmSync(ownerFile(file), { force: true }))
}

/** A full or read-only disk keeps nobody from reading what is there, nor from closing it. */
function whereTheDiskAllows(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
  }
}

/** Names who works with the database, as far as that is known. */
export function inUse(file: string): UserError {
  const who = readOwner(file) || 'another process'
  return new UserError(
    file,
    `is in use by ${who}`,
    'stop that Sluice first (`sluice down`), or use another folder',
  )
}

function readOwner(file: string): string {
  try {
    return readFileSync(ownerFile(file), 'utf8')
  } catch {
    // Its owner is just starting or stopping.
    return ''
  }
}

function ownerFile(file: string): string {
  return `${file}.owner`
}
