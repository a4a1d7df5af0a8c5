/** A problem that a person can mend: where it is, what is wrong and what to do. Everything else thrown is a bug. */
export class UserError extends Error {
  readonly where: string
  readonly what: string
  readonly remedy: string

  constructor(where: string, what: string, remedy: string) {
    super(`${where}: ${what}; ${remedy}`)
    this.name = 'UserError'
    this.where = where
    this.what = what
    this.remedy = remedy
  }
}
