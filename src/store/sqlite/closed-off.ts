import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { UserError } from '../../model/user-error.ts'
import { syncFolderOf } from './private-file.ts'

/** Why nobody may start on the database of a file. */
export interface ClosedOff {
  readonly what: string
  readonly remedy: string
}

const noteSchema = z.strictObject({ what: z.string(), remedy: z.string() })

/** From now on opening the database fails with these words, whether the file is there or not; durable when it returns. */
export function closeOff(file: string, why: ClosedOff): void {
  const descriptor = openSync(noteFile(file), 'w', 0o600)
  try {
    writeFileSync(descriptor, `${JSON.stringify(why)}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  syncFolderOf(file)
}

export function reopen(file: string): void {
  rmSync(noteFile(file), { force: true })
  syncFolderOf(file)
}

export function closedOff(file: string): ClosedOff | undefined {
  try {
    return noteSchema.parse(JSON.parse(readFileSync(noteFile(file), 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    // A note that was cut off is one all the same.
    return {
      what: `is closed off (${noteFile(file)})`,
      remedy: 'restore a backup, or remove that file if you know why it is there',
    }
  }
}

/** Fails with the words that it was closed off with. */
export function refuseClosedOff(file: string): void {
  const why = closedOff(file)
  if (why !== undefined) throw new UserError(file, why.what, why.remedy)
}

function noteFile(file: string): string {
  return `${file}.closed`
}
