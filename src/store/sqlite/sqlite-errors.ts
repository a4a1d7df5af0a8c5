import { UserError } from '../../model/user-error.ts'
import { DatabaseDamaged, StoreUnavailable } from '../database.ts'

/** Primary result codes (sqlite.org/rescode.html). */
const BUSY = 5
const READ_ONLY = 8
const IO_ERROR = 10
const CORRUPT = 11
const FULL = 13
const CANNOT_OPEN = 14
const NOT_A_DATABASE = 26

export function isBusy(error: unknown): boolean {
  return resultCode(error) === BUSY
}

/** A failure of the disk or the file in words; any other error as it is, because it is a bug. */
export function explainSqliteError(file: string, error: unknown): unknown {
  const code = resultCode(error)
  if (code === undefined) return explainOtherError(file, error)
  switch (code) {
    case FULL:
      return full(file)
    case READ_ONLY:
      return new StoreUnavailable(file, {
        what: 'cannot be written',
        remedy: 'give this user the right to write the file and its folder',
      })
    case IO_ERROR:
      return new StoreUnavailable(file, {
        what: `the disk failed (${textOf(error)})`,
        remedy: 'check that the disk is whole, writable and not full',
        // A commit that could not be made durable may be found there all the same.
        outcome: 'unknown',
      })
    case CANNOT_OPEN:
      return new UserError(file, 'cannot be opened', 'check that its folder exists and belongs to this user')
    case CORRUPT:
    case NOT_A_DATABASE:
      return new DatabaseDamaged(file, `is damaged or no database (${textOf(error)})`)
    default:
      return error
  }
}

function explainOtherError(file: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if ('code' in error && error.code === 'ERR_OUT_OF_RANGE') {
    return new DatabaseDamaged(file, 'holds a number that was never written')
  }
  if (!('syscall' in error) || !('code' in error)) return error
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') return full(file)
  if (error.code === 'EROFS') {
    const what = 'its disk is read-only'
    const remedy = 'make it writable; a system makes a disk that fails read-only, and says so in its log'
    return new StoreUnavailable(file, { what, remedy })
  }
  return new UserError(
    file,
    `cannot be opened (${error.message})`,
    'check the folder, its owner and its disk',
  )
}

function full(file: string): StoreUnavailable {
  return new StoreUnavailable(file, { what: 'the disk is full', remedy: 'free some space' })
}

/** Extended result codes carry the primary one in their low byte. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
