import { UserError } from '../model/user-error.ts'

/** The command was not used as it wants to be: exit code 2. */
export class WrongUse extends UserError {}

/** Ctrl-C before anything was done. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}
